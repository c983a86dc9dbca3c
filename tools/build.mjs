/**
 * @file `npm run build`: the kernels, then dist/. npm runs it where nobody asked for it: `npm ci`, `npm pack`, the first
 * `npx egnn` in a clone. So a step whose inputs and outputs are, byte by byte, those of its last build is left out, and what
 * runs from dist/ meanwhile is not disturbed. Times of files decide nothing: copies and checkouts change them, or keep them.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
/** Not in the package, and gone when all dependencies are installed anew. */
const record = join(root, 'node_modules', '.cache', 'egnn', 'build.json');

/** What is installed, and so which compilers. */
const installed = ['package.json', 'package-lock.json', 'node_modules/.package-lock.json'];
const steps = {
  kernels: {
    inputs: ['assembly', ...installed],
    outputs: ['assembly/generated', 'src/backends/wasm/generated'],
    command: ['assembly/build.mjs', '--force'],
  },
  types: {
    inputs: ['src', 'tsconfig.json', 'tsconfig.build.json', ...installed],
    outputs: ['dist'],
    command: [join(typescript, 'bin', 'tsc'), '-p', 'tsconfig.build.json'],
  },
};

/**
 * What files and folders hold, without what lies in `except`.
 * @returns a digest of all names and bytes, and the latest change to any of them, which nobody can date back
 */
function stateOf(paths, except = []) {
  const hash = createHash('sha256');
  let changed = 0;
  const add = (path) => {
    if (except.includes(path)) return;
    const facts = statSync(join(root, path), { throwIfNoEntry: false });
    changed = Math.max(changed, facts?.ctimeMs ?? 0);
    if (facts?.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) add(`${path}/${name}`);
    else hash.update(JSON.stringify([path, facts ? digestOf(join(root, path)) : 'none']));
  };
  paths.forEach(add);
  return { digest: hash.digest('hex'), changed };
}

function digestOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** The digests of each step's last build, by its name. */
function readRecord() {
  try {
    return JSON.parse(readFileSync(record, 'utf8'));
  } catch {
    return {};
  }
}

for (const [name, { inputs, outputs, command }] of Object.entries(steps)) {
  // Made now, since a new folder changes the one that it is in, which may be an input.
  for (const output of outputs) mkdirSync(join(root, output), { recursive: true });
  const before = stateOf(inputs, outputs);
  const last = readRecord()[name];
  if (last?.inputs === before.digest && last.outputs === stateOf(outputs).digest) continue;
  execFileSync(process.execPath, [resolve(root, command[0]), ...command.slice(1)], {
    cwd: root,
    stdio: 'inherit',
  });
  const after = stateOf(inputs, outputs);
  // Who edits meanwhile, even there and back, may have been seen half-way.
  const isKnown = after.digest === before.digest && after.changed === before.changed;
  const built = isKnown ? { inputs: before.digest, outputs: stateOf(outputs).digest } : undefined;
  mkdirSync(dirname(record), { recursive: true });
  writeFileSync(record, `${JSON.stringify({ ...readRecord(), [name]: built }, undefined, 2)}\n`);
}
