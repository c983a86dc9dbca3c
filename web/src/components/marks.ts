/**
 * @file Marks of a 3D picture that come in numbers and move often: balls, rings that face the viewer, and line segments. Each
 * set keeps its objects and grows when it must.
 */
import {
  BufferAttribute,
  type BufferGeometry,
  Color,
  Group,
  InstancedMesh,
  LineBasicMaterial,
  LineSegments,
  BufferGeometry as Lines,
  type Material,
  Matrix4,
  MeshBasicMaterial,
  MeshLambertMaterial,
  type Object3D,
  SphereGeometry,
  TorusGeometry,
} from 'three';

/** Points of two or three coordinates, row-major. */
export interface Points {
  readonly values: ArrayLike<number>;
  readonly dimension: 2 | 3;
}

export interface Marks {
  readonly object: Object3D;
  /** @param size radius of each mark @param colour the colour of mark k */
  show(points: Points, size: number, colour: (index: number) => string): void;
}

export interface MarkStyle {
  /** 1 covers what is behind. */
  readonly opacity?: number;
}

export function balls({ opacity = 1 }: MarkStyle = {}): Marks {
  const material = new MeshLambertMaterial({ transparent: opacity < 1, opacity, depthWrite: opacity === 1 });
  return marks(new SphereGeometry(1, 24, 16), material);
}

/** In the plane of the picture, which the camera of `createScene` looks at straight. */
export function rings(): Marks {
  return marks(new TorusGeometry(1, 0.14, 8, 40), new MeshBasicMaterial());
}

function marks(geometry: BufferGeometry, material: Material): Marks {
  const group = new Group();
  let mesh: InstancedMesh | undefined;
  const matrix = new Matrix4();
  const colour = new Color();
  return {
    object: group,
    show({ values, dimension }, size, colourOf) {
      const count = values.length / dimension;
      if (!mesh || mesh.instanceMatrix.count < count) {
        mesh?.dispose();
        group.clear();
        mesh = new InstancedMesh(geometry, material, count);
        mesh.frustumCulled = false;
        group.add(mesh);
      }
      mesh.count = count;
      for (let k = 0; k < count; k++) {
        const at = dimension * k;
        matrix.makeScale(size, size, size);
        matrix.setPosition(values[at], values[at + 1], dimension === 3 ? values[at + 2] : 0);
        mesh.setMatrixAt(k, matrix);
        mesh.setColorAt(k, colour.set(colourOf(k)));
      }
      mesh.instanceMatrix.needsUpdate = true;
      if (mesh.instanceColor) mesh.instanceColor.needsUpdate = true;
    },
  };
}

export interface Segments {
  readonly object: Object3D;
  /** A line from each point of `from` to the same point of `to`. */
  show(from: Points, to: Points, colour: string): void;
}

export function segments({ opacity = 1 }: MarkStyle = {}): Segments {
  const material = new LineBasicMaterial({ transparent: opacity < 1, opacity });
  const lines = new LineSegments(new Lines(), material);
  lines.frustumCulled = false;
  return {
    object: lines,
    show(from, to, colour) {
      const { dimension } = from;
      const count = from.values.length / dimension;
      const ends = new Float32Array(6 * count);
      for (let k = 0; k < count; k++)
        for (let axis = 0; axis < dimension; axis++) {
          ends[6 * k + axis] = from.values[dimension * k + axis];
          ends[6 * k + 3 + axis] = to.values[dimension * k + axis];
        }
      lines.geometry.dispose();
      lines.geometry = new Lines().setAttribute('position', new BufferAttribute(ends, 3));
      material.color.set(colour);
    },
  };
}
