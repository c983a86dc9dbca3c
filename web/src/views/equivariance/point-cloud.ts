/**
 * @file Point clouds: drawn from a seed, or read from a file (xyz, CSV or npz). A cloud that comes from a file is
 * moved to the origin and scaled, so that every model and every picture sees the same range of coordinates.
 */
import { MersenneTwister } from 'egnn';
import { readNpz, readXyzRecords } from 'egnn/formats';

/** How many kinds of points there are; a point's kind is its feature, one-hot. */
export const KINDS = 3;
/** The graph is complete: this many points have 40,000 edges. */
export const MAX_POINTS = 200;

export interface PointCloud {
  readonly dimension: 2 | 3;
  /** [N, n], row-major */
  readonly points: Float64Array;
  /** [N], each 0 to KINDS - 1 */
  readonly kinds: Uint8Array;
}

/** Points of a normal distribution, limited to two standard deviations on each axis, kinds drawn evenly. */
export function randomCloud(count: number, dimension: 2 | 3, seed: number): PointCloud {
  const random = new MersenneTwister(seed);
  const points = Float64Array.from({ length: count * dimension }, () =>
    Math.max(-2, Math.min(2, random.randn())),
  );
  const kinds = Uint8Array.from({ length: count }, () => Math.floor(random.uniform(0, KINDS)));
  return { dimension, points, kinds };
}

/**
 * @param name the file's name; its ending says which format it has
 * @throws Error that says what is wrong with the file, and where
 */
export async function readPointCloud(name: string, bytes: Uint8Array): Promise<PointCloud> {
  const ending = name.toLowerCase().match(/\.([a-z]+)$/)?.[1];
  if (ending === 'xyz') return fitted(name, await fromXyz(name, bytes));
  if (ending === 'csv') return fitted(name, fromCsv(name, new TextDecoder().decode(bytes)));
  if (ending === 'npz') return fitted(name, fromNpz(name, bytes));
  throw new Error(`${name}: expected a file that ends in .xyz, .csv or .npz`);
}

/** The first frame; elements become kinds in the order of their atomic numbers. */
async function fromXyz(where: string, bytes: Uint8Array): Promise<PointCloud> {
  for await (const { record, error } of readXyzRecords([bytes], { where })) {
    if (error) throw error;
    const { numbers, positions } = record;
    const elements = [...new Set(numbers)].sort((a, b) => a - b);
    const kinds = Uint8Array.from(numbers, (number) => elements.indexOf(number) % KINDS);
    return { dimension: 3, points: positions, kinds };
  }
  throw new Error(`${where}: expected a frame, and there is none`);
}

/** A table of two or three numbers a line; a first line without numbers is a header. */
function fromCsv(where: string, text: string): PointCloud {
  const rows: number[][] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const cells = line.split(/[,;\t]/).map((cell) => cell.trim());
    const numbers = cells.map((cell) => (cell === '' ? Number.NaN : Number(cell)));
    if (rows.length === 0 && numbers.every(Number.isNaN)) continue;
    const wrong = numbers.findIndex((number) => !Number.isFinite(number));
    if (wrong >= 0)
      throw new Error(
        `${where}: line ${index + 1}, column ${wrong + 1}: expected a number; got "${cells[wrong]}"`,
      );
    const width = rows[0]?.length ?? numbers.length;
    if (numbers.length !== width || (width !== 2 && width !== 3))
      throw new Error(
        `${where}: line ${index + 1}: expected ${rows[0] ? width : '2 or 3'} numbers; got ${numbers.length}`,
      );
    rows.push(numbers);
  }
  return ofOneKind(rows.flat(), rows[0]?.length ?? 0);
}

/** The first array of two or three columns, such as C or positions. */
function fromNpz(where: string, bytes: Uint8Array): PointCloud {
  const arrays = Object.entries(readNpz(bytes));
  for (const [name, { data, shape }] of arrays) {
    if (shape.length !== 2 || (shape[1] !== 2 && shape[1] !== 3)) continue;
    const numbers = Array.from(data as ArrayLike<number | bigint | string>, Number);
    const wrong = numbers.findIndex((number) => !Number.isFinite(number));
    if (wrong >= 0) {
      const place = `${name}[${Math.floor(wrong / shape[1])}, ${wrong % shape[1]}]`;
      throw new Error(`${where}: ${place}: expected a finite number; got ${data[wrong]}`);
    }
    return ofOneKind(numbers, shape[1]);
  }
  const found = arrays.map(([name, { shape }]) => `${name} [${shape.join(', ')}]`).join(', ') || 'none';
  throw new Error(`${where}: expected an array [N, 2] or [N, 3]; there are: ${found}`);
}

function ofOneKind(numbers: number[], dimension: number): PointCloud {
  const points = Float64Array.from(numbers);
  return {
    dimension: dimension === 2 ? 2 : 3,
    points,
    kinds: new Uint8Array(dimension > 0 ? points.length / dimension : 0),
  };
}

/** The same shape about the origin, its points at a root mean square distance of sqrt(n), as a drawn cloud has it. */
function fitted(where: string, { dimension, points, kinds }: PointCloud): PointCloud {
  const count = kinds.length;
  if (count < 2 || count > MAX_POINTS)
    throw new Error(`${where}: expected 2 to ${MAX_POINTS} points; got ${count}`);
  const centre = Array.from({ length: dimension }, (_, axis) => {
    let sum = 0;
    for (let point = 0; point < count; point++) sum += points[dimension * point + axis];
    return sum / count;
  });
  const moved = points.map((value, k) => value - centre[k % dimension]);
  const spread = Math.sqrt(moved.reduce((sum, value) => sum + value * value, 0) / moved.length);
  if (!(spread > 0)) throw new Error(`${where}: expected points in different places; all are in one`);
  return { dimension, points: moved.map((value) => value / spread), kinds };
}
