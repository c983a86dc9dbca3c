/** @file Reading the project's own Markdown: pages, headings with their anchors, links, and programs in code blocks. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Page {
  /** Relative to the repository. */
  readonly path: string;
  readonly lines: readonly string[];
}

/** README, CHANGELOG and everything below docs/ that is written by hand. */
export function readPages(): Page[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((name) => join('docs', name))
    .filter((path) => path.endsWith('.md') && !path.startsWith(join('docs', 'api')));
  return ['README.md', 'CHANGELOG.md', ...docs.sort()].map((path) => ({
    path,
    lines: readFileSync(join(root, path), 'utf8').split('\n'),
  }));
}

/** A program of a page: a code block, and those after it that say they continue it. */
export interface Program {
  /** PAGE:LINE of its first block. */
  readonly name: string;
  /** Lines stand where they stand in the page, so that an error's line number is the page's. */
  readonly source: string;
  /** What its comments `// => text` say that it prints, in order. */
  readonly prints: readonly string[];
}

const LANGUAGES = /^(ts|js|typescript|javascript)\b/;

/**
 * After the language, a block may say `continued`: it belongs to the program above it; or `no-run: REASON`.
 * @throws Error for a block that continues nothing, and for `no-run` without a reason
 */
export function readPrograms({ path, lines }: Page): Program[] {
  const programs: { name: string; lines: string[] }[] = [];
  for (const { info, first, last } of codeBlocks(lines)) {
    if (!LANGUAGES.test(info)) continue;
    if (/\bno-run\b/.test(info)) {
      if (!/\bno-run: \S/.test(info))
        throw new Error(`${path}:${first}: no-run needs a reason, as in no-run: why`);
      continue;
    }
    const block = lines.slice(first, last);
    if (!/\bcontinued\b/.test(info)) programs.push({ name: `${path}:${first + 1}`, lines: [] });
    const program = programs.at(-1);
    if (!program) throw new Error(`${path}:${first}: there is no program above that it continues`);
    while (program.lines.length < first) program.lines.push('');
    program.lines.push(...block);
  }
  return programs.map((program) => ({
    name: program.name,
    source: `${program.lines.join('\n')}\nexport {};\n`,
    prints: program.lines.flatMap((line) => line.match(/\/\/ => (.*)$/)?.[1] ?? []),
  }));
}

/** Fenced blocks: what stands after the fence, and the lines between, [first, last). */
function codeBlocks(lines: readonly string[]): { info: string; first: number; last: number }[] {
  const blocks: { info: string; first: number; last: number }[] = [];
  let open: { info: string; first: number } | undefined;
  for (const [number, line] of lines.entries()) {
    const fence = line.match(/^```(.*)$/);
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
