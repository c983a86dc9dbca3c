/**
 * @file Commands on the pages, those that do not run included, are commands of the package with flags that they have;
 * and the page of the command line leaves no command out.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPages, readPrograms, root } from './markdown.ts';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
const helps = new Map<string, string>();

/** What `egnn COMMAND --help` prints. */
function helpOf(command: readonly string[]): string {
  const key = command.join(' ');
  let help = helps.get(key);
  if (help === undefined) {
    const main = join(root, 'dist', 'cli', 'main.js');
    help = execFileSync(process.execPath, [main, ...command, '--help'], { encoding: 'utf8' });
    helps.set(key, help);
  }
  return help;
}

/** The names below "Commands:" in a help text. */
const subcommandsOf = (help: string) =>
  [...(help.split(/^Commands:\n/m)[1] ?? '').split(/^\S/m)[0].matchAll(/^ {2}(\w[\w-]*) /gm)]
    .map(([, name]) => name)
    .filter((name) => name !== 'help');

/** What is wrong with a line of commands, if anything. */
function problemsOf(line: string): string[] {
  // What stands after # or in quotes is no flag.
  const plain = line.replace(/(^|\s)#.*$/, '').replace(/'[^']*'/g, "''");
  return plain.split(/[|;&]+/).flatMap((part) => {
    const words = part
      .trim()
      .split(/\s+/)
      .filter((word) => !/^[A-Z_]+=/.test(word));
    if (words[0] === 'npx') words.shift();
    if (words[0] === 'npm') {
      const script = words[1] === 'run' ? words.slice(2).find((word) => !word.startsWith('-')) : words[1];
      return script === 'ci' || script! in scripts ? [] : [`npm has no script ${script}`];
    }
    if (words[0] !== 'egnn') return [];
    const command: string[] = [];
    while (subcommandsOf(helpOf(command)).includes(words[command.length + 1]))
      command.push(words[command.length + 1]);
    if (command.length === 0) return [`there is no command ${words[1]}`];
    if (subcommandsOf(helpOf(command)).length > 0) return [`egnn ${command.join(' ')} needs a command`];
    const flags = new Set(helpOf(command).match(/--[\w-]+/g));
    return words
      .filter((word) => word.startsWith('--') && !flags.has(word.split('=')[0]))
      .map((word) => `egnn ${command.join(' ')} has no ${word}`);
  });
}

const commands = readPages()
  .flatMap(readPrograms)
  .filter(({ kind }) => kind === 'commands');

test.each(commands)('$name has commands and flags that exist', ({ source }) => {
  const lines = source.replace(/\\\n/g, ' ').split('\n');
  expect(lines.flatMap(problemsOf)).toEqual([]);
});

test('what does not exist is found', () => {
  expect(problemsOf('npx egnn trian nbody')).toEqual(['there is no command trian']);
  expect(problemsOf('EGNN_CACHE=/data egnn train nbody --epoch 3 | head')).toEqual([
    'egnn train nbody has no --epoch',
  ]);
  expect(problemsOf('npm run benchmark -- --case tiny')).toEqual(['npm has no script benchmark']);
  expect(problemsOf("egnn predict models/mu 'a --b' # --not-a-flag")).toEqual([]);
});

test('the page of the command line has every command', () => {
  const page = readFileSync(join(root, 'docs', 'command-line.md'), 'utf8');
  const missing = subcommandsOf(helpOf([])).filter((name) => !page.includes(`| \`egnn ${name}`));
  expect(missing).toEqual([]);
});
