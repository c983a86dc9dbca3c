/**
 * Speed of the CPU kernels on one core, tile by tile: GFLOP/s of the products, nanoseconds an element of the rest.
 *
 *   node bench/kernels.mjs [--no-revectorize] [--simd] [--narrow] [--only <name>] [--tiles 96,48] [--widths 64,128]
 *
 * Every figure is the minimum of many short repetitions, on data that are renewed between them (a kernel that works
 * in place would otherwise soon compute with denormal numbers, which are slow).
 */
import { readFileSync } from 'node:fs';
import v8 from 'node:v8';

const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : (process.argv[at + 1] ?? '');
};
const has = (name) => process.argv.includes(`--${name}`);
const list = (text) => text.split(',').map(Number);

const revectorize = !has('no-revectorize');
if (revectorize) v8.setFlagsFromString('--experimental-wasm-revectorize');
const variant = has('simd') ? 'simd' : 'relaxed';
const file = new URL(`../src/backends/wasm/generated/kernels-${variant}.ts`, import.meta.url);
const base64 = /'([^']+)'/.exec(readFileSync(file, 'utf8'))[1];
const memory = new WebAssembly.Memory({ initial: 256, maximum: 65536, shared: true });
const module = new WebAssembly.Module(Buffer.from(base64, 'base64'));
const k = new WebAssembly.Instance(module, { env: { memory } }).exports;
k.initialise(revectorize && !has('narrow') ? 1 : 0);

const floats = new Float32Array(memory.buffer);
const ints = new Int32Array(memory.buffer);

/** The kernels to measure at one size: name, call, floating-point operations if they are counted. */
function cases(rows, width) {
  let top = 4096;
  const reserve = (count) => {
    const address = top;
    top += (count * 4 + 127) & ~63;
    return address;
  };
  const tile = () => reserve(rows * width);
  const [x, y, z, m, d] = [tile(), tile(), tile(), tile(), tile()];
  const [w, dw] = [reserve(width * width), reserve(width * width)];
  const [b, db, s, out] = [reserve(width), reserve(width), reserve(rows), reserve(rows)];
  const nodes = Math.ceil(rows / 5);
  const [p, q, dp, dq] = [0, 0, 0, 0].map(() => reserve(nodes * width));
  const [f, df, v] = [reserve(rows * 3), reserve(rows * 3), reserve(width * 3)];
  const [i, j] = [reserve(rows), reserve(rows)];
  const renew = () => {
    for (let a = 1024; a < top / 4; a++) floats[a] = (Math.random() - 0.5) * 0.5;
    for (let a = d / 4; a < d / 4 + rows * width; a++) floats[a] += 1;
    for (let e = 0; e < rows; e++) {
      ints[i / 4 + e] = Math.floor(e / 5);
      ints[j / 4 + e] = (e * 7) % nodes;
    }
  };
  const [n, flops] = [rows * width, 2 * rows * width * width];
  const list = [
    ['matmul', () => k.matmul(x, w, b, y, rows, width, width), flops],
    ['matmulAccumulate', () => k.matmulAccumulate(x, w, y, rows, width, width), flops],
    ['outerAccumulate', () => k.outerAccumulate(x, m, dw, rows, width, width), flops],
    ['transpose', () => k.transpose(x, y, rows, width)],
    ['silu', () => k.activate(1, z, y, n)],
    ['tanh', () => k.activate(4, z, y, n)],
    ['silu + derivative', () => k.activateWithDerivative(1, z, y, d, n)],
    ['activationGradient', () => k.activationGradient(1, z, x, y, n)],
    ['headBackward', () => k.headBackward(x, m, s, b, db, dw, rows, width)],
    ['edgeInput', () => k.edgeInput(p, q, i, j, f, v, y, rows, width, 3)],
    [
      'edgeInput + silu',
      () => {
        k.edgeInput(p, q, i, j, f, v, y, rows, width, 3);
        k.activate(1, y, y, n);
      },
    ],
    ['edgeInputBackward', () => k.edgeInputBackward(x, i, j, dp, dq, v, df, rows, width, 1)],
    ['features^T dz', () => k.outerAccumulate(f, x, v, rows, 3, width)],
    ['scatterAddRows', () => k.scatterAddRows(x, 0, i, dp, rows, width)],
    ['gatherAddRows', () => k.gatherAddRows(p, i, 0, y, rows, width)],
    ['dotRows', () => k.dotRows(x, b, 0, out, rows, width)],
    ['rowDots', () => k.rowDots(x, m, out, rows, width)],
    ['scaleRows', () => k.scaleRows(x, s, y, rows, width)],
    ['columnSums', () => k.columnSums(x, db, rows, width)],
    ['multiplyAndSum', () => k.multiplyAndSum(m, d, db, rows, width)],
    ['gatherMultiplyAndSum', () => k.gatherMultiplyAndSum(m, p, i, 0, d, db, rows, width)],
    ['binary add, row', () => k.binary(0, x, b, y, rows, width, 2)],
    ['sum', () => k.sum(x, n)],
    ['adam', () => k.adam(x, y, m, d, n, 1e-3, 0.9, 0.999, 1e-8, 1, 1, 0, 0)],
  ];
  return { list, renew };
}

for (const width of list(option('widths', '64,128'))) {
  for (const rows of list(option('tiles', '96'))) {
    console.log(`width ${width}, ${rows} rows, ${variant}, revectorize ${revectorize}`);
    const { list: kernels, renew } = cases(rows, width);
    for (const [name, call, flops] of kernels) {
      if (!name.includes(option('only', ''))) continue;
      renew();
      for (const end = performance.now() + 30; performance.now() < end; ) call();
      let best = Infinity;
      for (let t = 0; t < 40; t++) {
        renew();
        const repetitions = 40;
        const start = performance.now();
        for (let r = 0; r < repetitions; r++) call();
        best = Math.min(best, ((performance.now() - start) * 1e6) / repetitions);
      }
      const speed = flops ? `${(flops / best).toFixed(1).padStart(6)} GFLOP/s` : '';
      console.log(`  ${name.padEnd(22)} ${(best / (rows * width)).toFixed(3)} ns/element ${speed}`);
    }
  }
}
