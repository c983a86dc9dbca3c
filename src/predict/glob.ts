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
  return [...new Set(matches(root, segments))].sort();
}

function* matches(folder: string, [segment, ...rest]: readonly string[]): Generator<string> {
  if (segment === '.' || segment === '..') return yield* matches(join(folder, segment), rest);
  const entries = entriesOf(folder);
  if (segment === '**') {
    yield* matches(folder, rest.length > 0 ? rest : ['*']);
    for (const entry of entries)
      if (entry.isDirectory() && !entry.name.startsWith('.'))
        yield* matches(join(folder, entry.name), [segment, ...rest]);
    return;
  }
  const expression = expressionOf(segment);
  for (const entry of entries) {
    if (!expression.test(entry.name) || (entry.name.startsWith('.') && !segment.startsWith('.'))) continue;
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

function expressionOf(segment: string): RegExp {
  const source = segment.replace(/\[[^\]]+\]|[\s\S]/g, (part) => {
    if (part.length > 1) return `[${part.slice(1, -1).replace(/^!/, '^').replace(/[\\[]/g, '\\$&')}]`;
    if (part === '*') return '.*';
    return part === '?' ? '.' : part.replace(/[\\^$.|+()[\]{}]/, '\\$&');
  });
  return new RegExp(`^${source}$`, 's');
}
