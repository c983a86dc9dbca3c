/**
 * Repeated keys in JSON. `JSON.parse` keeps the last of them silently, which lets two readers see two different
 * files in the same bytes; formats that forbid repetition need to look at the text.
 */

/**
 * The first key that comes twice in one object, or undefined. A plain scan: regular expressions overflow the stack
 * on strings of some megabytes.
 * @param text JSON that `JSON.parse` accepts.
 */
export function findRepeatedKey(text: string): string | undefined {
  /** For every open bracket, the keys so far; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      if (isFollowedByColon(text, end)) {
        const key = JSON.parse(text.slice(at, end)) as string;
        const keys = open.at(-1)!;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      at = end - 1;
    }
  }
  return undefined;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isFollowedByColon(text: string, start: number): boolean {
  let at = start;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return text[at] === ':';
}
