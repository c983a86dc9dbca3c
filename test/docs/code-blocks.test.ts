/**
 * @file Every program of the pages passes the type checker in strict mode against the built declarations. Programs and
 * commands run, page by page from top to bottom in one folder, as a reader would: each in a process of its own, with
 * the built package installed as `egnn`. A comment `// => text` (in commands `# => text`) is what it prints.
 */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { given, notRun } from './given.ts';
import { codeBlocks, type Program, readPages, readPrograms, root } from './markdown.ts';

const run = promisify(execFile);
const pages = readPages();
const all = pages.flatMap(readPrograms);
const programs = all.filter(({ kind, noRun }) => kind === 'program' && noRun === undefined);
const reasonNotToRun = ({ kind, noRun, page }: Program) =>
  noRun ?? (kind === 'commands' ? notRun[page] : undefined);
const running = all.filter((program) => reasonNotToRun(program) === undefined);
const fileOf = (program: Program, extension: string) =>
  join(folderOf(program.page), `${program.name.replace(/[^\w]+/g, '-')}.${extension}`);
const folderOf = (page: string) => join(folder, page.replace(/[^\w]+/g, '-'));
let folder = '';

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'egnn-docs-')));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'egnn'), 'junction');
  mkdirSync(join(folder, 'bin'));
  const main = join(root, 'dist', 'cli', 'main.js');
  for (const [name, text] of [
    ['egnn', `exec '${process.execPath}' '${main}' "$@"`],
    ['npx', 'exec "$@"'],
  ]) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  for (const { path } of pages) mkdirSync(folderOf(path));
  for (const program of programs) writeFileSync(fileOf(program, 'mts'), program.source);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('programs pass the type checker', () => {
  const compiler = ts.createProgram(
    programs.map((program) => fileOf(program, 'mts')),
    {
      strict: true,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
      skipLibCheck: true,
      noEmit: true,
    },
  );
  const problems = ts.getPreEmitDiagnostics(compiler);
  expect(
    ts.formatDiagnostics(problems, {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => folder,
      getNewLine: () => '\n',
    }),
  ).toBe('');
});

test.each(pages)(
  'every block of $path is a program, commands, or says why it is neither',
  ({ path, lines }) => {
    const others = codeBlocks(lines).filter(
      ({ info }) => info !== '' && !/^(ts|js|sh|text)\b/.test(info) && notRun[path] === undefined,
    );
    expect(others.map(({ info, first }) => `${path}:${first}: ${info}`)).toEqual([]);
  },
);

test('pages whose commands do not run have such commands', () => {
  const withBlocks = pages.filter(({ lines }) =>
    codeBlocks(lines).some(({ info }) => /^(sh|python)\b/.test(info)),
  );
  const paths = withBlocks.map(({ path }) => path);
  expect(Object.keys(notRun).filter((path) => !paths.includes(path))).toEqual([]);
});

/** What each program printed; one begins when the one above it on its page has ended, however it ended. */
const outputs = new Map<Program, Promise<string>>();
function outputOf(program: Program): Promise<string> {
  let output = outputs.get(program);
  if (!output) {
    const above = running.filter(({ page }) => page === program.page);
    const previous = above[above.indexOf(program) - 1];
    const ready = previous
      ? outputOf(previous).catch(() => {})
      : given[program.page]?.(folderOf(program.page));
    output = Promise.resolve(ready).then(() => execute(program));
    outputs.set(program, output);
  }
  return output;
}

async function execute(program: Program): Promise<string> {
  const cwd = folderOf(program.page);
  const { PATH } = process.env;
  const env = {
    ...process.env,
    EGNN_CACHE: join(cwd, 'cache'),
    PATH: join(folder, 'bin') + delimiter + PATH,
  };
  const options = { cwd, env, timeout: 55_000 };
  if (program.kind === 'commands') return (await run('sh', ['-euc', program.source], options)).stdout;
  // Transpiled one by one: a program that fails the type checker still shows whether it runs. README's is to run as
  // JavaScript as it stands.
  const file = fileOf(program, 'mjs');
  writeFileSync(file, program.page === 'README.md' ? program.source : transpile(program.source));
  return (await run(process.execPath, [file], options)).stdout;
}

describe.concurrent('programs and commands run', () => {
  test.each(running)('$name', { timeout: 240_000 }, async (program) => {
    const stdout = await outputOf(program);
    let from = 0;
    const printed = stdout.split('\n');
    for (const line of program.prints) {
      const at = printed.indexOf(line, from);
      expect(at, `"${line}" is not among the lines after ${from} of:\n${stdout}`).toBeGreaterThanOrEqual(
        from,
      );
      from = at + 1;
    }
  });
});

function transpile(source: string): string {
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}
