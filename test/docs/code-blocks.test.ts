/**
 * @file Every program in README and docs/ passes the type checker in strict mode against the built declarations, and
 * runs in a process of its own with the built package installed as `egnn`. A comment `// => text` is what it prints.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Program, readPages, readPrograms, root } from './markdown.ts';

const run = promisify(execFile);
const programs = readPages().flatMap(readPrograms);
const fileOf = (program: Program, extension: string) =>
  join(folder, `${program.name.replace(/[^\w]+/g, '-')}.${extension}`);
let folder = '';

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'egnn-docs-')));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules', 'egnn'), 'junction');
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

describe.concurrent('programs run', () => {
  test.each(programs)('$name', async (program) => {
    // Transpiled one by one: a program that fails the type checker still shows whether it runs. README's is to run
    // as JavaScript as it stands.
    const outputText = program.name.startsWith('README') ? program.source : transpile(program.source);
    const file = fileOf(program, 'mjs');
    writeFileSync(file, outputText);
    const { stdout } = await run(process.execPath, [file], { cwd: folder, timeout: 55_000 });
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
