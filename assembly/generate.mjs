/**
 * Writes the register tiles of the matrix products (assembly/generated/*.ts): one function per number of rows and
 * strip of columns, all accumulators in named variables, since AssemblyScript has no arrays of registers.
 *
 * A tile keeps ROWS rows of one strip of columns in registers while the inner dimension goes by. Measured with
 * V8's revectorizer (Zen 5, K = N = 64): 6 rows x 4 vectors 122-129 GFLOP/s, 4 x 4 111-117, 6 x 2 93, 3 x 8 59 (spills).
 * Without it: 6 x 2 63, 6 x 4 45. Unrolling over the inner dimension costs 30-45 %, so that loop stays plain.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROWS = 6;
/** Widths of the strips in floats: four or two vectors, one, or a part of one. */
const STRIPS = [16, 8, 4, 3, 2, 1];

const here = dirname(fileURLToPath(import.meta.url));
const range = (n) => [...Array(n).keys()];
const lines = (...parts) => parts.flat(Infinity).join('\n');

/** One strip of columns: how many vectors, and how to load and store them. */
function strip(columns) {
  const vectors = range(Math.ceil(columns / 4));
  const whole = columns % 4 === 0;
  return {
    vectors,
    load: (name, address) =>
      vectors.map((v) =>
        whole ? `${name}${v} = v128.load(${address}, ${16 * v})` : `${name}${v} = loadLanes(${address}, ${columns})`,
      ),
    // The upper of two neighbours first: the pairs from which V8 starts to fuse.
    store: (name, address) =>
      vectors.length === 1
        ? [`storeLanes(${address}, ${name}0, ${Math.min(columns, 4)});`]
        : vectors
            .filter((v) => v % 2 === 0)
            .map((v) => `v128.store(${address}, ${name}${v + 1}, ${16 * v + 16}); v128.store(${address}, ${name}${v}, ${16 * v});`),
  };
}

/** c[r] += x[r] b for all vectors of the strip, where x[r] is one float in all lanes. */
const multiplyAdd = (rows, vectors, address) =>
  range(rows).map((r) => [
    `      const x${r} = v128.load32_splat(${address(r)});`,
    vectors.map((v) => `      c${r}_${v} = fma4(x${r}, b${v}, c${r}_${v});`),
  ]);

/** y[r, strip] = start[r, strip] + sum over k of x[r, k] w[k, strip] */
function productTile(rows, columns) {
  const { vectors, load, store } = strip(columns);
  return lines(
    `export function product${rows}x${columns}(`,
    '  x: usize, w: usize, start: usize, startBytes: usize, y: usize, rows: i32, innerBytes: usize, columnBytes: usize,',
    '): void {',
    range(rows - 1).map((r) => `  const row${r + 1} = innerBytes * ${r + 1};`),
    `  for (; rows >= ${rows}; rows -= ${rows}) {`,
    range(rows).map((r) => [
      load(`c${r}_`, 'start').map((l) => `    let ${l};`),
      '    start += startBytes;',
    ]),
    '    let row = w;',
    '    for (const end = x + innerBytes; x < end; x += 4) {',
    load('b', 'row').map((l) => `      const ${l};`),
    multiplyAdd(rows, vectors, (r) => (r ? `x + row${r}` : 'x')),
    '      row += columnBytes;',
    '    }',
    range(rows).map((r) => [store(`c${r}_`, 'y').map((s) => `    ${s}`), '    y += columnBytes;']),
    rows > 1 ? `    x += row${rows - 1};` : [],
    '  }',
    '}',
  );
}

/** dw[k, strip] += sum over r of x[r, k] dy[r, strip] for `tile` values of k at a time */
function outerTile(tile, columns) {
  const { vectors, load, store } = strip(columns);
  return lines(
    `export function outer${tile}x${columns}(`,
    '  x: usize, dy: usize, dyEnd: usize, dw: usize, inner: i32, innerBytes: usize, columnBytes: usize,',
    '): void {',
    `  for (; inner >= ${tile}; inner -= ${tile}) {`,
    range(tile).map((k) => [
      k ? `    const dw${k} = dw${k > 1 ? k - 1 : ''} + columnBytes;` : [],
      load(`c${k}_`, k ? `dw${k}` : 'dw').map((l) => `    let ${l};`),
    ]),
    '    let column = x;',
    '    for (let row = dy; row < dyEnd; row += columnBytes) {',
    load('b', 'row').map((l) => `      const ${l};`),
    range(tile).map((k) => [
      `      const x${k} = v128.load32_splat(column, ${4 * k});`,
      vectors.map((v) => `      c${k}_${v} = fma4(x${k}, b${v}, c${k}_${v});`),
    ]),
    '      column += innerBytes;',
    '    }',
    range(tile).map((k) => store(`c${k}_`, k ? `dw${k}` : 'dw').map((s) => `    ${s}`)),
    `    dw += columnBytes * ${tile};`,
    `    x += ${4 * tile};`,
    '  }',
    '}',
  );
}

/** All rows of one strip: whole tiles, then the rows that are left. */
function allRows(kind, columns) {
  const counted = kind === 'product' ? 'rows' : 'inner';
  const parameters =
    kind === 'product'
      ? 'x: usize, w: usize, start: usize, startBytes: usize, y: usize, rows: i32, innerBytes: usize, columnBytes: usize'
      : 'x: usize, dy: usize, dyEnd: usize, dw: usize, inner: i32, innerBytes: usize, columnBytes: usize';
  const names = parameters.split(', ').map((p) => p.split(':')[0]);
  const call = (rows) => `${kind}${rows}x${columns}(${names.join(', ')});`;
  const advance =
    kind === 'product'
      ? ['x += done * innerBytes;', 'start += done * startBytes;', 'y += done * columnBytes;']
      : ['x += done << 2;', 'dw += done * columnBytes;'];
  return lines(
    `export function ${kind}Strip${columns}(${parameters}): void {`,
    `  const left = ${counted} % ${ROWS};`,
    `  const done = <usize>(${counted} - left);`,
    `  if (done > 0) ${call(ROWS)}`,
    advance.map((a) => `  ${a}`),
    `  ${counted} = left;`,
    '  switch (left) {',
    range(ROWS - 1).map((r) => `    case ${r + 1}: ${call(r + 1)} break;`),
    '  }',
    '}',
  );
}

function file(kind, tile) {
  return lines(
    `// Generated by assembly/generate.mjs.`,
    `import { fma4 } from '../constants';`,
    `import { loadLanes, storeLanes } from '../vectors';`,
    STRIPS.map((columns) => ['', range(ROWS).map((r) => tile(r + 1, columns)), allRows(kind, columns)]),
    '',
  );
}

/** Writes both files, where they changed: another build may be reading them. */
export function generate(directory = join(here, 'generated')) {
  mkdirSync(directory, { recursive: true });
  for (const [kind, tile] of [['product', productTile], ['outer', outerTile]]) {
    const path = join(directory, `${kind}.ts`);
    const text = file(kind, tile);
    if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
  }
}
