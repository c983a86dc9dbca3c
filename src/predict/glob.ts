/**
 * @file Patterns of file names: `*` and `?` within a name, `[abc]`, and `**` for any number of folders.
 * Names that start with a dot are matched by patterns that do.
 */
import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The files that a pattern names, sorted; a name that exists or has no pattern in it stands for itself. */
export function expandPattern(pattern: string): string[] {
  if (!/[*?[]/.test(pattern) || existsSync(pattern)) return [pattern];
  const [root] = /^(?:[A-Za-z]:)?[\\/]*/.exec(pattern)!;
  const segments = pattern.slice(root.length).split(/[\\/]+/);
  // `**` twice in a row finds the same files, in exponentially more ways.
  const isRepeated = (segment: string, k: number) => segment === '**' && segments[k + 1] === '**';
  return [
    ...new Set(
      matches(
        root,
        segments.filter((segment, k) => !isRepeated(segment, k)),
      ),
    ),
  ].sort();
}

function* matches(folder: string, [segment, ...rest]: readonly string[]): Generator<string> {
  // What ends in a dot is a folder.
  if (segment === undefined) return;
  if (segment === '.' || segment === '..') return yield* matches(join(folder, segment), rest);
  const entries = entriesOf(folder);
  if (segment === '**') {
    yield* matches(folder, rest.length > 0 ? rest : ['*']);
    for (const entry of entries)
      if (entry.isDirectory() && !entry.name.startsWith('.'))
        yield* matches(join(folder, entry.name), [segment, ...rest]);
    return;
  }
  const isMatch = nameMatcher(segment);
  for (const entry of entries) {
    if (!isMatch(entry.name) || (entry.name.startsWith('.') && !segment.startsWith('.'))) continue;
    if (rest.length > 0) yield* matches(join(folder, entry.name), rest);
    else if (!entry.isDirectory()) yield join(folder, entry.name);
  }
}

/** Nothing for what is no folder: a pattern reaches for many that are not. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder || '.', { withFileTypes: true });
  } catch {
    return [];
  }
}

/**
 * Whether names match a segment. Each star takes as little as it can; only the last one is taken back, so that the time is
 * at most the product of both lengths, whatever the pattern.
 */
function nameMatcher(segment: string): (name: string) => boolean {
  const parts = [...segment.matchAll(/\[[^\]]+\]|[\s\S]/gu)].map(([part]) =>
    part === '*' ? STAR : letterMatcher(part),
  );
  return (name) => {
    const letters = [...name];
    let [part, letter, star, resume] = [0, 0, -1, 0];
    while (letter < letters.length) {
      const expected = parts[part];
      if (expected === STAR) [star, resume] = [part++, letter];
      else if (expected?.(letters[letter])) [part, letter] = [part + 1, letter + 1];
      else if (star < 0) return false;
      else [part, letter] = [star + 1, ++resume];
    }
    return parts.slice(part).every((rest) => rest === STAR);
  };
}

const STAR = Symbol('any number of letters');

/** For `?`, a set in brackets, or a letter; a range whose end is before its start holds nothing, as in shells. */
function letterMatcher(part: string): (letter: string) => boolean {
  if (part === '?') return () => true;
  if (!/^\[.+\]$/su.test(part)) return (letter) => letter === part;
  const [, not, set] = /^\[(!?)(.*)\]$/su.exec(part)!;
  const ranges = [...set.matchAll(/(.)(?:-(.))?/gsu)].map(([, from, to = from]) => [from, to]);
  const isIn = (letter: string) =>
    ranges.some(
      ([from, to]) =>
        from.codePointAt(0)! <= letter.codePointAt(0)! && letter.codePointAt(0)! <= to.codePointAt(0)!,
    );
  return (letter) => isIn(letter) !== (not === '!');
}
