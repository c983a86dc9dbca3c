/**
 * Repeated keys in JSON. `JSON.parse` keeps the last of them silently, which lets two readers see two different
 * files in the same bytes; formats that forbid repetition need to look at the text.
 */

/**
 * The first key that comes twice in one object, or undefined.
 * @param text JSON that `JSON.parse` accepts.
 */
export function findRepeatedKey(text: string): string | undefined {
  /** For every open bracket, the keys so far; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  const tokens = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/g;
  for (let token = tokens.exec(text); token !== null; token = tokens.exec(text)) {
    if (token[0] === '{') open.push(new Set());
    else if (token[0] === '[') open.push(undefined);
    else if (token[0] === '}' || token[0] === ']') open.pop();
    else if (token[1] !== undefined) {
      const key = JSON.parse(token[0].slice(0, -token[1].length)) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}
