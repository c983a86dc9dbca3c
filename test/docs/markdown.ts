/** @file Reading the project's own Markdown: pages, headings with their anchors, links, programs and commands. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly lines: readonly string[];
}

/** The pages at the top, and everything below docs/ that is written by hand. */
export function readPages(): Page[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((name) => join('docs', name))
    .filter((path) => path.endsWith('.md') && !path.startsWith(join('docs', 'api')));
  return ['README.md', 'README.zh-CN.md', 'CHANGELOG.md', ...docs.sort()].map((path) => ({
    path,
    lines: readFileSync(join(root, path), 'utf8').split('\n'),
  }));
}

/** A program of a page: a code block, and those after it that say they continue it; or a block of commands. */
export interface Program {
  readonly kind: 'program' | 'commands';
  /** PAGE:LINE of its first block. */
  readonly name: string;
  readonly page: string;
  /** Lines stand where they stand in the page, so that an error's line number is the page's. */
  readonly source: string;
  /** What its comments `// => text` (in commands `# => text`) say that it prints, in order. */
  readonly prints: readonly string[];
  /** Why it does not run, if the page says so. */
  readonly noRun: string | undefined;
}

const PROGRAM = /^(ts|js|typescript|javascript)\b/;
const COMMANDS = /^sh\b/;

/**
 * After the language, a block may say `continued`: it belongs to the program above it; or `no-run: REASON`.
 * @returns programs and commands in the order of the page
 * @throws Error for a block that continues nothing, and for `no-run` without a reason
 */
export function readPrograms({ path, lines }: Page): Program[] {
  const programs: { kind: Program['kind']; name: string; lines: string[]; noRun: string | undefined }[] = [];
  for (const { info, first, last } of codeBlocks(lines)) {
    const kind = PROGRAM.test(info) ? 'program' : COMMANDS.test(info) ? 'commands' : undefined;
    if (!kind) continue;
    const noRun = info.match(/\bno-run: (\S.*)/)?.[1];
    if (/\bno-run\b/.test(info) && !noRun)
      throw new Error(`${path}:${first}: no-run needs a reason, as in no-run: why`);
    const block = lines.slice(first, last);
    if (!/\bcontinued\b/.test(info)) programs.push({ kind, name: `${path}:${first + 1}`, lines: [], noRun });
    const program = programs.findLast((candidate) => candidate.kind === kind);
    if (!program) throw new Error(`${path}:${first}: there is no program above that it continues`);
    while (program.lines.length < first) program.lines.push('');
    program.lines.push(...block);
  }
  return programs.map(({ kind, name, noRun, lines: own }) => ({
    kind,
    name,
    page: path,
    noRun,
    source: kind === 'program' ? `${own.join('\n')}\nexport {};\n` : `${own.join('\n')}\n`,
    prints: own.flatMap((line) => line.match(/(?:\/\/|#) => (.*)$/)?.[1] ?? []),
  }));
}

/** Fenced blocks: what stands after the fence, and the lines between, [first, last). */
export function codeBlocks(lines: readonly string[]): { info: string; first: number; last: number }[] {
  const blocks: { info: string; first: number; last: number }[] = [];
  let open: { info: string; first: number } | undefined;
  for (const [number, line] of lines.entries()) {
    const fence = line.match(/^\s*```(.*)$/);
    if (!fence) continue;
    if (open) {
      blocks.push({ ...open, last: number });
      open = undefined;
    } else open = { info: fence[1].trim(), first: number + 1 };
  }
  return blocks;
}

/** The lines outside of code blocks, with inline code blanked out if asked. */
function prose({ lines }: Page, withoutCode: boolean): { line: string; number: number }[] {
  const blocks = codeBlocks(lines);
  return lines
    .map((line, number) => ({ line: withoutCode ? line.replace(/`[^`]*`/g, '``') : line, number }))
    .filter(({ number }) => !blocks.some(({ first, last }) => number >= first - 1 && number <= last));
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(page: Page): Set<string> {
  const anchors = new Set<string>();
  for (const { line } of prose(page, false)) {
    const heading = line.match(/^#{1,6} (.*)$/)?.[1];
    if (heading === undefined) continue;
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-');
    let anchor = slug;
    for (let copy = 1; anchors.has(anchor); copy++) anchor = `${slug}-${copy}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** The targets of a page's links. */
export function linksOf(page: Page): { target: string; line: number }[] {
  return prose(page, true).flatMap(({ line, number }) =>
    [...line.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => ({ target: match[1], line: number + 1 })),
  );
}
