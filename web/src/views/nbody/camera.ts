/** @file From the space of the particles to the picture and back: turned, without perspective. */

export type Vector = readonly [number, number, number];

export interface CameraSettings {
  /** In degrees, about the vertical axis, then about the horizontal one. */
  readonly yaw: number;
  readonly pitch: number;
  readonly zoom: number;
}

/** What has room in the picture. */
export interface Frame {
  readonly centre: Vector;
  readonly radius: number;
}

export interface Camera {
  /** Pixels a unit. */
  readonly scale: number;
  /** x and y in pixels, y downwards; depth towards the viewer, in units. */
  project(
    x: number,
    y: number,
    z: number,
  ): { readonly x: number; readonly y: number; readonly depth: number };
  /** What moving by these pixels is in space, in the plane of the picture. */
  unproject(dx: number, dy: number): Vector;
  /** The point at these pixels, in the plane of the picture through the frame's centre. */
  pointAt(x: number, y: number): Vector;
}

/** The share of the picture that the frame's ball fills. */
const FILL = 0.96;

export function createCamera(
  { yaw, pitch, zoom }: CameraSettings,
  { centre, radius }: Frame,
  width: number,
  height: number,
): Camera {
  const [cy, sy] = cosineAndSine(yaw);
  const [cp, sp] = cosineAndSine(pitch);
  const right: Vector = [cy, 0, sy];
  const up: Vector = [sp * sy, cp, -sp * cy];
  const towards: Vector = [-cp * sy, sp, cp * cy];
  const scale = (FILL * zoom * Math.min(width, height)) / (2 * radius);
  const along = (axis: Vector, x: number, y: number, z: number) =>
    axis[0] * (x - centre[0]) + axis[1] * (y - centre[1]) + axis[2] * (z - centre[2]);
  const unproject = (dx: number, dy: number): Vector => {
    const [a, b] = [dx / scale, -dy / scale];
    return [a * right[0] + b * up[0], a * right[1] + b * up[1], a * right[2] + b * up[2]];
  };
  return {
    scale,
    project: (x, y, z) => ({
      x: width / 2 + scale * along(right, x, y, z),
      y: height / 2 - scale * along(up, x, y, z),
      depth: along(towards, x, y, z),
    }),
    unproject,
    pointAt(x, y) {
      const [a, b, c] = unproject(x - width / 2, y - height / 2);
      return [centre[0] + a, centre[1] + b, centre[2] + c];
    },
  };
}

function cosineAndSine(degrees: number): [number, number] {
  return [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
}

/** Share of the visited places that a frame has room for: who flies off alone does not make the others small. */
const COVERED = 0.93;
const SMALLEST_RADIUS = 1.5;

/** About where the particles are. @param positions [K, 3] */
export function frameOf(positions: ArrayLike<number>): Frame {
  const count = positions.length / 3;
  const centre = [0, 0, 0];
  for (let k = 0; k < positions.length; k++) centre[k % 3] += positions[k] / count;
  const distances = Float64Array.from({ length: count }, (_, i) =>
    Math.hypot(...centre.map((c, k) => positions[3 * i + k] - c)),
  ).sort();
  const radius = 1.05 * distances[Math.floor(COVERED * (count - 1))];
  return { centre: [centre[0], centre[1], centre[2]], radius: Math.max(SMALLEST_RADIUS, radius) };
}
