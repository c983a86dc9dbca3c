/** @file Balls of many sizes and rods between points, for ball-and-stick pictures. Each set grows when it must. */
import {
  type BufferGeometry,
  Color,
  CylinderGeometry,
  Group,
  InstancedMesh,
  Matrix4,
  MeshLambertMaterial,
  type Object3D,
  Quaternion,
  SphereGeometry,
  Vector3,
} from 'three';

export interface Ball {
  readonly at: Vector3;
  readonly radius: number;
  readonly colour: string;
}

export interface Rod {
  readonly from: Vector3;
  readonly to: Vector3;
  readonly radius: number;
  readonly colour: string;
}

export interface MarkSet<Mark> {
  readonly object: Object3D;
  show(marks: readonly Mark[]): void;
}

export function ballSet(): MarkSet<Ball> {
  const scale = new Vector3();
  const upright = new Quaternion();
  return markSet(new SphereGeometry(1, 32, 20), (matrix, { at, radius }) =>
    matrix.compose(at, upright, scale.setScalar(radius)),
  );
}

export function rodSet(): MarkSet<Rod> {
  const [along, middle, scale] = [new Vector3(), new Vector3(), new Vector3()];
  const up = new Vector3(0, 1, 0);
  const turn = new Quaternion();
  return markSet(new CylinderGeometry(1, 1, 1, 12, 1, true), (matrix, { from, to, radius }) => {
    along.subVectors(to, from);
    const length = along.length();
    turn.setFromUnitVectors(up, along.divideScalar(length || 1));
    matrix.compose(middle.addVectors(from, to).multiplyScalar(0.5), turn, scale.set(radius, length, radius));
  });
}

function markSet<Mark extends { readonly colour: string }>(
  geometry: BufferGeometry,
  place: (matrix: Matrix4, mark: Mark) => void,
): MarkSet<Mark> {
  const material = new MeshLambertMaterial();
  const group = new Group();
  let mesh: InstancedMesh | undefined;
  const matrix = new Matrix4();
  const colour = new Color();
  return {
    object: group,
    show(marks) {
      if (!mesh || mesh.instanceMatrix.count < marks.length) {
        mesh?.dispose();
        group.clear();
        mesh = new InstancedMesh(geometry, material, Math.max(16, marks.length));
        mesh.frustumCulled = false;
        group.add(mesh);
      }
      mesh.count = marks.length;
      for (const [k, mark] of marks.entries()) {
        place(matrix, mark);
        mesh.setMatrixAt(k, matrix);
        mesh.setColorAt(k, colour.set(mark.colour));
      }
      mesh.instanceMatrix.needsUpdate = true;
      if (mesh.instanceColor) mesh.instanceColor.needsUpdate = true;
    },
  };
}
