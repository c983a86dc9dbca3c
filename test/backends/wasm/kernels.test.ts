/**
 * Every CPU kernel against plain float64 JavaScript, on random input of many odd sizes, in every form it runs in:
 * plain and relaxed SIMD, wide and narrow tiles. All arrays are ringed by guard zones that must keep their bytes, and
 * one array after the other lies at the very end of memory, where reading one byte too far traps.
 */
import v8 from 'node:v8';
import { describe, expect, it } from 'vitest';
import { wasm as relaxed } from '../../../src/backends/wasm/generated/kernels-relaxed.ts';
import { wasm as simd } from '../../../src/backends/wasm/generated/kernels-simd.ts';

// As the backend runs them: V8 fuses pairs of vectors into 256 bits once a kernel is hot.
v8.setFlagsFromString('--experimental-wasm-revectorize');
if (process.env.EGNN_NO_LIFTOFF) v8.setFlagsFromString('--no-liftoff');

type Kernels = Record<string, (...args: number[]) => number>;
type Values = Float32Array | Int32Array;

const ROWS = [0, 1, 2, 3, 5, 6, 7, 11, 12, 13, 24, 48, 50];
const WIDTHS = [0, 1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 24, 31, 32, 33, 64, 65, 100, 128];

const PAGES = 8;
const memory = new WebAssembly.Memory({ initial: PAGES, maximum: 65536, shared: true });
const words = new Int32Array(memory.buffer);
const FIRST = 1024;
const END = words.length;
const GUARD = 0x5a5a5a5a;
/** Words of guard before and after every array. */
const ZONE = 16;

function instantiate(base64: string, revectorized: number): Kernels {
  const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as Kernels;
  kernels.initialise(revectorized);
  return kernels;
}

const forms = [
  { name: 'simd', kernels: instantiate(simd, 0) },
  { name: 'simd, wide tiles', kernels: instantiate(simd, 1) },
];
if (WebAssembly.validate(Buffer.from(relaxed, 'base64'))) {
  forms.push({ name: 'relaxed', kernels: instantiate(relaxed, 0) });
  forms.push({ name: 'relaxed, wide tiles', kernels: instantiate(relaxed, 1) });
}

let seed = 1;
function random(): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 31 - 1;
}
const floats = (count: number, scale = 1) => Float32Array.from({ length: count }, () => scale * random());
const indices = (count: number, below: number) =>
  Int32Array.from({ length: count }, () => Math.floor(((random() + 1) / 2) * below));
const sorted = (values: Int32Array) => values.slice().sort();

/** An argument: a number, an array in memory, or null for address 0. */
type Argument = number | Values | null;

/** Calls a kernel in every form on copies of the arrays; gives what the arrays hold afterwards, and the result. */
function* calls(kernel: string, args: Argument[], trials = 1) {
  const arrays = args.filter((a): a is Values => typeof a === 'object' && a !== null);
  for (const { name, kernels } of forms) {
    for (let last = 0; last < Math.min(trials, arrays.length); last++) {
      // Addresses in words of 4 bytes; arrays begin at any word, not only where a vector would.
      let top = FIRST;
      const place = new Map<Values, number>();
      for (const [i, array] of arrays.entries()) {
        if (place.has(array)) continue;
        const atEnd = trials > 1 && i === last;
        const begin = atEnd ? END - array.length : top + ZONE + (i % 4);
        const end = begin + array.length;
        words.fill(GUARD, begin - ZONE, begin);
        words.set(new Int32Array(array.buffer, array.byteOffset, array.length), begin);
        words.fill(GUARD, end, end + ZONE);
        place.set(array, begin);
        if (!atEnd) top = end + ZONE;
      }
      const numbers = args.map((a) => (typeof a === 'number' ? a : a === null ? 0 : 4 * place.get(a)!));
      const result = kernels[kernel](...numbers);
      const after = new Map<Values, Values>();
      for (const [array, begin] of place) {
        const end = begin + array.length;
        const isGuard = (word: number) => word === GUARD;
        if (
          !words.subarray(begin - ZONE, begin).every(isGuard) ||
          !words.subarray(end, end + ZONE).every(isGuard)
        ) {
          throw new Error(`${kernel} (${name}) wrote outside an array`);
        }
        const Type = array.constructor as new (buffer: ArrayBuffer) => Values;
        after.set(array, new Type(new Int32Array(words.subarray(begin, end)).buffer));
      }
      yield { name, after, result };
    }
  }
}

/** Runs a kernel and compares arrays with what they should hold; every other array must be as it was. */
function check(
  kernel: string,
  args: Argument[],
  expected: Map<Values, ArrayLike<number>>,
  tolerance = 3e-6,
  trials = 1,
) {
  for (const { name, after } of calls(kernel, args, trials)) {
    for (const [array, result] of after) {
      // One type of array, or V8 compiles this loop for none of them.
      const now = new Float64Array(result);
      const wanted = new Float64Array(expected.get(array) ?? array);
      const limit = expected.has(array) ? tolerance : 0;
      for (let k = 0; k < now.length; k++) {
        const error = Math.abs(now[k] - wanted[k]);
        if (!(error <= limit * Math.max(1, Math.abs(wanted[k])))) {
          const sizes = args.filter((a) => typeof a === 'number').join(', ');
          throw new Error(`${kernel} (${name}; ${sizes}) [${k}]: ${now[k]} instead of ${wanted[k]}`);
        }
      }
    }
  }
}

const SIGMOID = (z: number) => 1 / (1 + Math.exp(-z));
const ACTIVATIONS: { name: string; f: (z: number) => number; df: (z: number) => number; low?: number }[] = [
  { name: 'identity', f: (z) => z, df: () => 1 },
  { name: 'silu', f: (z) => z * SIGMOID(z), df: (z) => SIGMOID(z) * (1 + z * (1 - SIGMOID(z))) },
  { name: 'relu', f: (z) => Math.max(z, 0), df: (z) => (z > 0 ? 1 : 0) },
  { name: 'leakyRelu', f: (z) => (z > 0 ? z : 0.2 * z), df: (z) => (z > 0 ? 1 : 0.2) },
  { name: 'tanh', f: Math.tanh, df: (z) => 1 - Math.tanh(z) ** 2 },
  { name: 'sigmoid', f: SIGMOID, df: (z) => SIGMOID(z) * (1 - SIGMOID(z)) },
  { name: 'square', f: (z) => z * z, df: (z) => 2 * z },
  { name: 'squareRoot', f: Math.sqrt, df: (z) => (z === 0 ? 0 : 0.5 / Math.sqrt(z)), low: 0.01 },
  { name: 'sin', f: Math.sin, df: Math.cos },
  { name: 'cos', f: Math.cos, df: (z) => -Math.sin(z) },
];

/** Random z from -scale to scale; for the square root positive. */
function preActivations(kind: number, count: number, scale: number) {
  const { low } = ACTIVATIONS[kind];
  return floats(count, scale).map((z) => (low === undefined ? z : Math.abs(z) + low));
}

describe('products', () => {
  it('matmul, matmulAccumulate and outerAccumulate', { timeout: 120_000 }, () => {
    for (const rows of ROWS) {
      for (const inner of WIDTHS) {
        for (const columns of WIDTHS) {
          const x = floats(rows * inner);
          const w = floats(inner * columns);
          const bias = floats(columns);
          const y = floats(rows * columns);
          const product = new Float64Array(rows * columns);
          const outer = new Float64Array(inner * columns);
          for (let r = 0; r < rows; r++) {
            for (let k = 0; k < inner; k++) {
              for (let c = 0; c < columns; c++) {
                product[r * columns + c] += x[r * inner + k] * w[k * columns + c];
                outer[k * columns + c] += x[r * inner + k] * y[r * columns + c];
              }
            }
          }
          const trials = rows < 8 && columns < 18 && inner < 18 ? 4 : 1;
          const withBias = product.map((v, k) => v + bias[k % columns]);
          check('matmul', [x, w, bias, y, rows, inner, columns], new Map([[y, withBias]]), 5e-6, trials);
          const added = product.map((v, k) => v + y[k]);
          check('matmulAccumulate', [x, w, y, rows, inner, columns], new Map([[y, added]]), 5e-6, trials);
          const dw = outer.map((v, k) => v + w[k]);
          check('outerAccumulate', [x, y, w, rows, inner, columns], new Map([[w, dw]]), 5e-6, trials);
          if (rows % 2) check('matmul', [x, w, null, y, rows, inner, columns], new Map([[y, product]]), 5e-6);
        }
      }
    }
  });

  it('transpose', () => {
    for (const rows of ROWS) {
      for (const columns of WIDTHS) {
        const x = floats(rows * columns);
        const y = floats(rows * columns);
        const turned = y.map((_, k) => x[(k % rows) * columns + Math.floor(k / rows)]);
        check('transpose', [x, y, rows, columns], new Map([[y, turned]]), 0, 2);
      }
    }
  });
});

describe('activations', () => {
  const counts = [...WIDTHS, 9, 10, 11, 13, 14, 18, 19, 1000];

  it.each(ACTIVATIONS.map((a, kind) => ({ ...a, kind })))('$name', ({ f, df, kind }) => {
    for (const scale of [0.1, 3, 12, 80]) {
      for (const count of counts) {
        const z = preActivations(kind, count, scale);
        const y = floats(count);
        const d = floats(count);
        const value = Array.from(z, f);
        const slope = Array.from(z, df);
        check('activate', [kind, z, y, count], new Map([[y, value]]), 2e-7, 2);
        check('activate', [kind, z, z, count], new Map([[z, value]]), 2e-7);
        const both = new Map([
          [y, value],
          [d, slope],
        ]);
        check('activateWithDerivative', [kind, z, y, d, count], both, 2e-7, 3);
        const gradient = slope.map((s, k) => s * y[k]);
        check('activationGradient', [kind, z, y, d, count], new Map([[d, gradient]]), 3e-7, 3);
        check('activationGradient', [kind, z, y, y, count], new Map([[y, gradient]]), 3e-7);
        const added = gradient.map((g, k) => g + d[k]);
        check('activationGradientAccumulate', [kind, z, y, d, count], new Map([[d, added]]), 3e-7, 3);
      }
    }
  });

  it('lets NaN through and gives no NaN for infinities', () => {
    for (const [kind, { name, low }] of ACTIVATIONS.entries()) {
      for (const count of [1, 2, 3, 4, 16]) {
        const run = (value: number) => {
          const z = new Float32Array(count).fill(value);
          const y = floats(count);
          const d = floats(count);
          return [...calls('activateWithDerivative', [kind, z, y, d, count])].map(({ after }) => [
            ...after.get(y)!,
            ...after.get(d)!,
          ]);
        };
        for (const result of run(NaN)) {
          for (const y of result.slice(0, count)) expect(y, name).toBeNaN();
          if (['silu', 'tanh', 'sigmoid', 'square', 'squareRoot', 'sin', 'cos'].includes(name)) {
            for (const d of result.slice(count)) expect(d, name).toBeNaN();
          }
        }
        if (name === 'sin' || name === 'cos') continue;
        for (const value of low === undefined ? [Infinity, -Infinity] : [Infinity, 0]) {
          for (const result of run(value))
            for (const v of result) expect(v, `${name}(${value})`).not.toBeNaN();
        }
      }
    }
  });

  it('silu of infinity, tanh of tiny numbers, the square root at 0', () => {
    const run = (kind: number, value: number) =>
      [...calls('activateWithDerivative', [kind, Float32Array.of(value), ys, ds, 1])].map(({ after }) => [
        after.get(ys)![0],
        after.get(ds)![0],
      ]);
    const ys = floats(1);
    const ds = floats(1);
    for (const [y] of run(1, Infinity)) expect(y).toBe(Infinity);
    for (const [y, d] of run(1, 1e18)) expect([y, d]).toEqual([Math.fround(1e18), expect.closeTo(1, 3)]);
    for (const [y] of run(1, -Infinity)) expect(Math.abs(y)).toBeLessThan(1e-11);
    for (const [y] of run(1, -100)) expect(Math.abs(y)).toBeLessThan(1e-11);
    for (const [y] of run(4, 1e-6)) expect(y / 1e-6).toBeCloseTo(1, 5);
    for (const [y, d] of run(7, 0)) expect([y, d]).toEqual([0, 0]);
  });
});

describe('the head', () => {
  it('headBackward', () => {
    everySize((rows, width, trials) => {
      const [y, d] = [floats(rows * width), floats(rows * width)];
      const [ds, w, dw, db] = [floats(rows), floats(width), floats(width), floats(width)];
      const gradient = Float64Array.from(d, (v, k) => ds[Math.floor(k / width)] * w[k % width] * v);
      const weight = Float64Array.from(dw);
      const bias = Float64Array.from(db);
      for (let k = 0; k < rows * width; k++) {
        weight[k % width] += ds[Math.floor(k / width)] * y[k];
        bias[k % width] += gradient[k];
      }
      const expected = new Map([
        [d, gradient],
        [dw, weight],
        [db, bias],
      ]);
      check('headBackward', [y, d, ds, w, dw, db, rows, width], expected, 5e-6, trials);
    });
  });
});

/** Calls `body` for every number of rows and every width. */
function everySize(body: (rows: number, width: number, trials: number) => void) {
  for (const rows of ROWS) for (const width of WIDTHS) body(rows, width, rows < 7 ? 6 : 1);
}
/** A matrix of float64, element by element. */
const matrix = (rows: number, width: number, at: (r: number, k: number) => number) =>
  Float64Array.from({ length: rows * width }, (_, i) => at(Math.floor(i / width), i % width));
const total = (count: number, at: (i: number) => number) => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += at(i);
  return sum;
};

describe('edges', () => {
  const nodes = 7;

  it('edgeInput, with each part present or absent', () => {
    everySize((rows, width, trials) => {
      for (const features of [0, 1, 2, 3, 5]) {
        const [p, q, z] = [floats(nodes * width), floats(nodes * width), floats(rows * width)];
        const [i, j] = [sorted(indices(rows, nodes)), indices(rows, nodes)];
        const [a, w] = [floats(rows * features), floats(features * width)];
        for (const [left, right] of features === 1
          ? [
              [1, 1],
              [1, 0],
              [0, 1],
              [0, 0],
            ]
          : [[1, 1]]) {
          const expected = matrix(rows, width, (e, k) => {
            const own = left * p[i[e] * width + k] + right * q[j[e] * width + k];
            return (left + right ? own : 0) + total(features, (s) => a[e * features + s] * w[s * width + k]);
          });
          const args = [left ? p : null, right ? q : null, i, j, a, w, z, rows, width, features];
          check('edgeInput', args, new Map([[z, expected]]), 3e-6, trials);
        }
      }
    });
  });

  it('edgeInputBackward', () => {
    everySize((rows, width, trials) => {
      for (const features of [0, 1, 2, 5]) {
        const [p, q, dz] = [floats(nodes * width), floats(nodes * width), floats(rows * width)];
        const [i, j] = [sorted(indices(rows, nodes)), indices(rows, nodes)];
        const [a, w] = [floats(rows * features), floats(features * width)];
        const dp = Float64Array.from(p);
        const dq = Float64Array.from(q);
        for (let e = 0; e < rows; e++) {
          for (let k = 0; k < width; k++) {
            dp[i[e] * width + k] += dz[e * width + k];
            dq[j[e] * width + k] += dz[e * width + k];
          }
        }
        const da = matrix(rows, features, (e, s) =>
          total(width, (k) => dz[e * width + k] * w[s * width + k]),
        );
        const expected = new Map([
          [p, dp],
          [q, dq],
          [a, da],
        ]);
        check('edgeInputBackward', [dz, i, j, p, q, w, a, rows, width, features], expected, 5e-6, trials);
        check('edgeInputBackward', [dz, i, j, null, null, w, null, rows, width, features], new Map());
        check(
          'edgeInputBackward',
          [dz, i, j, p, null, w, null, rows, width, features],
          new Map([[p, dp]]),
          5e-6,
        );
      }
    });
  });

  it('scatterAddRows, gatherRows, gatherAddRows', () => {
    everySize((rows, width, trials) => {
      const [m, scale, table] = [floats(rows * width), floats(rows), floats(nodes * width)];
      const index = indices(rows, nodes);
      for (const s of [scale, null]) {
        const summed = Float64Array.from(table);
        for (let r = 0; r < rows; r++) {
          for (let k = 0; k < width; k++) summed[index[r] * width + k] += (s ? s[r] : 1) * m[r * width + k];
        }
        check('scatterAddRows', [m, s, index, table, rows, width], new Map([[table, summed]]), 3e-6, trials);
        const added = matrix(
          rows,
          width,
          (r, k) => m[r * width + k] + (s ? s[r] : 1) * table[index[r] * width + k],
        );
        check('gatherAddRows', [table, index, s, m, rows, width], new Map([[m, added]]), 3e-6, trials);
      }
      const gathered = matrix(rows, width, (r, k) => table[index[r] * width + k]);
      check('gatherRows', [table, index, m, rows, width], new Map([[m, gathered]]), 0, trials);
    });
  });
});

describe('rows and columns', () => {
  it('dotRows, rowDots, rowSums', () => {
    everySize((rows, width, trials) => {
      const [a, b, w] = [floats(rows * width), floats(rows * width), floats(width)];
      const [bias, out] = [floats(1), floats(rows)];
      const dots = matrix(rows, 1, (r) => total(width, (k) => a[r * width + k] * w[k]));
      check('dotRows', [a, w, null, out, rows, width], new Map([[out, dots]]), 5e-6, trials);
      const shifted = dots.map((v) => v + bias[0]);
      check('dotRows', [a, w, bias, out, rows, width], new Map([[out, shifted]]), 5e-6, trials);
      const pairs = matrix(rows, 1, (r) => total(width, (k) => a[r * width + k] * b[r * width + k]));
      check('rowDots', [a, b, out, rows, width], new Map([[out, pairs]]), 5e-6, trials);
      const sums = matrix(rows, 1, (r) => total(width, (k) => a[r * width + k]));
      check('rowSums', [a, out, rows, width, 0], new Map([[out, sums]]), 5e-6, trials);
      const added = sums.map((v, r) => v + out[r]);
      check('rowSums', [a, out, rows, width, 1], new Map([[out, added]]), 5e-6, trials);
    });
  });

  it('scaleRows, outerRows', () => {
    everySize((rows, width, trials) => {
      const [m, y, s, w] = [floats(rows * width), floats(rows * width), floats(rows), floats(width)];
      const scaled = matrix(rows, width, (r, k) => s[r] * m[r * width + k]);
      check('scaleRows', [m, s, y, rows, width], new Map([[y, scaled]]), 1e-6, trials);
      check('scaleRows', [m, s, m, rows, width], new Map([[m, scaled]]), 1e-6);
      const outer = matrix(rows, width, (r, k) => s[r] * w[k]);
      check('outerRows', [s, w, y, rows, width, 0], new Map([[y, outer]]), 1e-6, trials);
      const outerAdded = outer.map((v, k) => v + y[k]);
      check('outerRows', [s, w, y, rows, width, 1], new Map([[y, outerAdded]]), 1e-6, trials);
    });
  });

  it('columnSums, weightedColumnSums, multiplyAndSum, gatherMultiplyAndSum', () => {
    const nodes = 5;
    everySize((rows, width, trials) => {
      const [m, d, s, sums] = [floats(rows * width), floats(rows * width), floats(rows), floats(width)];
      const [table, index] = [floats(nodes * width), indices(rows, nodes)];
      const plusColumns = (x: ArrayLike<number>) =>
        matrix(1, width, (_, k) => sums[k] + total(rows, (r) => x[r * width + k]));
      check('columnSums', [m, sums, rows, width], new Map([[sums, plusColumns(m)]]), 5e-6, trials);
      const weighted = plusColumns(matrix(rows, width, (r, k) => s[r] * m[r * width + k]));
      check('weightedColumnSums', [m, s, sums, rows, width], new Map([[sums, weighted]]), 5e-6, trials);
      const product = matrix(rows, width, (r, k) => m[r * width + k] * d[r * width + k]);
      const both = new Map([
        [m, product],
        [sums, plusColumns(product)],
      ]);
      check('multiplyAndSum', [m, d, sums, rows, width], both, 5e-6, trials);
      check('multiplyAndSum', [m, d, null, rows, width], new Map([[m, product]]), 5e-6, trials);
      for (const scale of [s, null]) {
        const gathered = matrix(rows, width, (r, k) => {
          const i = r * width + k;
          return (m[i] + (scale ? scale[r] : 1) * table[index[r] * width + k]) * d[i];
        });
        const expected = new Map([
          [m, gathered],
          [sums, plusColumns(gathered)],
        ]);
        check('gatherMultiplyAndSum', [m, table, index, scale, d, sums, rows, width], expected, 5e-6, trials);
        check(
          'gatherMultiplyAndSum',
          [m, table, index, scale, d, null, rows, width],
          new Map([[m, gathered]]),
          5e-6,
        );
      }
    });
  });
});

describe('elementwise', () => {
  const OPERATIONS = [
    (a: number, b: number) => a + b,
    (a: number, b: number) => a - b,
    (a: number, b: number) => a * b,
    (a: number, b: number) => a / b,
  ];

  it('binary, with every broadcast', () => {
    everySize((rows, columns, trials) => {
      for (const [operation, of] of OPERATIONS.entries()) {
        for (const [broadcast, count] of [rows * columns, rows, columns, 1].entries()) {
          const [a, y] = [floats(rows * columns), floats(rows * columns)];
          const b = floats(count).map((v) => v + (v < 0 ? -0.5 : 0.5));
          const at = [
            (r: number, k: number) => r * columns + k,
            (r: number) => r,
            (_: number, k: number) => k,
            () => 0,
          ];
          const expected = matrix(rows, columns, (r, k) => of(a[r * columns + k], b[at[broadcast](r, k)]));
          check(
            'binary',
            [operation, a, b, y, rows, columns, broadcast],
            new Map([[y, expected]]),
            1e-6,
            trials,
          );
        }
      }
    });
  });

  it('fill, affine, sum, sumOfSquares', () => {
    for (const count of [...WIDTHS, 9, 10, 11, 1000]) {
      const [x, y] = [floats(count), floats(count)];
      check('fill', [y, 2.5, count], new Map([[y, y.map(() => 2.5)]]), 0, 2);
      check('affine', [x, y, 3, -0.5, count, 0], new Map([[y, Array.from(x, (v) => 3 * v - 0.5)]]), 1e-6, 2);
      check('affine', [x, x, 3, -0.5, count, 0], new Map([[x, Array.from(x, (v) => 3 * v - 0.5)]]), 1e-6);
      check(
        'affine',
        [x, y, 3, -0.5, count, 1],
        new Map([[y, Array.from(x, (v, k) => y[k] + 3 * v - 0.5)]]),
        1e-6,
        2,
      );
      for (const { result } of calls('sum', [x, count], 2)) {
        expect(result).toBeCloseTo(
          total(count, (k) => x[k]),
          10,
        );
      }
      for (const { result } of calls('sumOfSquares', [x, count], 2)) {
        expect(result).toBeCloseTo(
          total(count, (k) => x[k] ** 2),
          10,
        );
      }
    }
  });

  it('copyColumns', () => {
    everySize((rows, width, trials) => {
      for (const accumulate of [0, 1]) {
        const [from, to] = [width + 3, width + 2];
        const [x, y] = [floats(rows * from), floats(rows * to)];
        const expected = matrix(rows, to, (r, k) =>
          k < 1 || k > width ? y[r * to + k] : x[r * from + k + 1] + accumulate * y[r * to + k],
        );
        check(
          'copyColumns',
          [x, from, 2, y, to, 1, rows, width, accumulate],
          new Map([[y, expected]]),
          1e-6,
          trials,
        );
      }
    });
  });
});

describe('the optimiser', () => {
  it('adam', () => {
    for (const count of [...WIDTHS, 1000]) {
      const [p, g, m] = [floats(count), floats(count), floats(count)];
      const v = floats(count).map(Math.abs);
      const [rate, beta1, beta2, epsilon, clip, l2, decay] = [1e-2, 0.9, 0.999, 1e-8, 0.7, 0.01, 1e-3];
      const [step, second] = [rate / (1 - beta1 ** 3), 1 / Math.sqrt(1 - beta2 ** 3)];
      const gradient = Array.from(g, (x, k) => clip * x + l2 * p[k]);
      const first = gradient.map((x, k) => beta1 * m[k] + (1 - beta1) * x);
      const square = gradient.map((x, k) => beta2 * v[k] + (1 - beta2) * x * x);
      const next = first.map(
        (x, k) => (1 - decay) * p[k] - (step * x) / (Math.sqrt(square[k]) * second + epsilon),
      );
      const expected = new Map([
        [p, next],
        [m, first],
        [v, square],
      ]);
      check(
        'adam',
        [p, g, m, v, count, step, beta1, beta2, epsilon, second, clip, l2, decay],
        expected,
        1e-6,
        4,
      );
    }
  });

  it('averageWeights and sumOver', () => {
    for (const count of WIDTHS) {
      const [average, p] = [floats(count), floats(count)];
      const expected = Array.from(average, (a, k) => 0.99 * a + 0.01 * p[k]);
      check('averageWeights', [average, p, count, 0.99], new Map([[average, expected]]), 1e-6, 2);
      for (const copies of [1, 2, 4]) {
        const stride = count + 3;
        const all = floats(copies * stride);
        const summed = Array.from(all, (v, k) => (k < count ? total(copies, (c) => all[c * stride + k]) : v));
        check('sumOver', [all, stride * 4, copies, count], new Map([[all, summed]]), 1e-6);
      }
    }
  });
});
