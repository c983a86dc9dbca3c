// `npm run build` leaves out what is built already, and never keeps what is stale. The compilers are stand-ins that copy.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../tools/build.mjs', import.meta.url));
const KERNELS = 'src/backends/wasm/generated/kernels.ts';

/** What stands in for a compiler: copies a file or folder; says that it ran; does what `meanwhile.mjs` says, if there is one; fails where `broken` is. */
const copier = (name: string, from: string, to: string) => `
import { appendFileSync, cpSync, existsSync } from 'node:fs';
appendFileSync('log', '${name} ');
cpSync('${from}', '${to}', { recursive: true });
if (existsSync('meanwhile.mjs')) await import(process.cwd() + '/meanwhile.mjs');
if (existsSync('broken')) process.exit(1);
`;

const KERNEL_COMPILER = `${copier('kernels', 'assembly/index.ts', KERNELS)}
cpSync('assembly/index.ts', 'assembly/generated/between.ts');
`;

let folder: string;
const at = (path: string) => join(folder, path);
const write = (path: string, text: string) => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-build-'));
  mkdirSync(at('tools'));
  cpSync(SCRIPT, at('tools/build.mjs'));
  write('package.json', '{ "type": "module" }');
  write('package-lock.json', '{}');
  write('node_modules/.package-lock.json', '{ "typescript": 1 }');
  write('tsconfig.json', '{}');
  write('tsconfig.build.json', '{}');
  write('assembly/index.ts', 'kernel');
  write('assembly/build.mjs', KERNEL_COMPILER);
  write('src/index.ts', 'one');
  write('src/graph/graph.ts', 'two');
  write('node_modules/typescript/package.json', '{ "type": "module" }');
  write('node_modules/typescript/bin/tsc', copier('types', 'src', 'dist'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Which steps ran. */
function build(status = 0): string[] {
  rmSync(at('log'), { force: true });
  // From anywhere, as npm's own folder is not always this one.
  const run = spawnSync(process.execPath, [at('tools/build.mjs')], { cwd: tmpdir(), encoding: 'utf8' });
  expect([run.status, run.stdout]).toEqual([status, '']);
  return existsSync(at('log')) ? readFileSync(at('log'), 'utf8').trim().split(' ') : [];
}

/** Writes without a trace in the file's times, as copies that keep them do. */
function rewrite(path: string, text: string): void {
  const { atime, mtime } = statSync(at(path));
  writeFileSync(at(path), text);
  utimesSync(at(path), atime, mtime);
}

it('builds once, and leaves alone what is built', () => {
  expect(build()).toEqual(['kernels', 'types']);
  expect(readFileSync(at('dist/backends/wasm/generated/kernels.ts'), 'utf8')).toBe('kernel');
  const before = statSync(at('dist/index.ts')).ctimeMs;
  expect(build()).toEqual([]);
  expect(statSync(at('dist/index.ts')).ctimeMs).toBe(before);
});

it('leaves it alone, too, where only times differ, as in a copy of the folder', () => {
  build();
  utimesSync(at('src/index.ts'), new Date(), new Date(Date.now() + 60_000));
  utimesSync(at('dist/index.ts'), new Date(0), new Date(0));
  expect(build()).toEqual([]);
});

it.each<[string, string[], () => void]>([
  ['a source of the same size and date', ['types'], () => rewrite('src/index.ts', 'eno')],
  ['a source that is new', ['types'], () => write('src/new.ts', 'new')],
  ['a source that is gone', ['types'], () => rmSync(at('src/graph/graph.ts'))],
  ['a source by another name', ['types'], () => renameSync(at('src/index.ts'), at('src/other.ts'))],
  [
    'two sources that changed places',
    ['types'],
    () => {
      rewrite('src/index.ts', 'two');
      rewrite('src/graph/graph.ts', 'one');
    },
  ],
  ["the compiler's settings", ['types'], () => rewrite('tsconfig.json', '[]')],
  [
    'a kernel, which is a source of dist/ as well',
    ['kernels', 'types'],
    () => rewrite('assembly/index.ts', 'kern 2'),
  ],
  ['what is installed', ['kernels', 'types'], () => rewrite('node_modules/.package-lock.json', '{}')],
  ['what is asked for', ['kernels', 'types'], () => rewrite('package-lock.json', '[]')],
  ['an output', ['types'], () => rewrite('dist/index.ts', 'eno')],
  ['an output that is gone', ['types'], () => rmSync(at('dist/index.ts'))],
  ['all outputs gone', ['types'], () => rmSync(at('dist'), { recursive: true })],
  ['an output that another build has added', ['types'], () => write('dist/other.js', '')],
  ['compiled kernels, to the same ones', ['kernels'], () => rmSync(at(KERNELS))],
  ['a record that is damaged', ['kernels', 'types'], () => write('node_modules/.cache/egnn/build.json', '{')],
  [
    'a record that is gone',
    ['kernels', 'types'],
    () => rmSync(at('node_modules/.cache'), { recursive: true }),
  ],
])('builds again after a change of %s', (_, steps, change) => {
  build();
  change();
  expect(build()).toEqual(steps);
  expect(readFileSync(at('dist/backends/wasm/generated/kernels.ts'), 'utf8')).toBe(
    readFileSync(at('assembly/index.ts'), 'utf8'),
  );
  for (const name of readdirSync(at('src')).filter((entry) => entry.endsWith('.ts')))
    expect(readFileSync(at(join('dist', name)), 'utf8')).toBe(readFileSync(at(join('src', name)), 'utf8'));
  expect(build()).toEqual([]);
});

it.each([
  ['changed', "writeFileSync('src/index.ts', 'three');"],
  ['changed there and back', "writeFileSync('src/index.ts', 'one');"],
  ['replaced by the same', "renameSync('same.ts', 'src/index.ts');"],
])('a source that is %s while it builds is built again', (_, edit) => {
  write('same.ts', 'one');
  write('meanwhile.mjs', `import { renameSync, writeFileSync } from 'node:fs';\n${edit}`);
  // The compiler of the kernels does it as well, but dist/ is made after it.
  write('assembly/build.mjs', KERNEL_COMPILER.replace(/if.*meanwhile.*\n/, ''));
  expect(build()).toEqual(['kernels', 'types']);
  rmSync(at('meanwhile.mjs'));
  expect(build()).toEqual(['types']);
  expect(readFileSync(at('dist/index.ts'), 'utf8')).toBe(readFileSync(at('src/index.ts'), 'utf8'));
  expect(build()).toEqual([]);
});

it('a build that fails is tried again', () => {
  build();
  appendFileSync(at('src/index.ts'), ' more');
  write('broken', '');
  expect(build(1)).toEqual(['types']);
  expect(build(1)).toEqual(['types']);
  rmSync(at('broken'));
  expect(build()).toEqual(['types']);
  expect(build()).toEqual([]);
});
