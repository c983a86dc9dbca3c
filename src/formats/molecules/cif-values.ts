/**
 * @file The words of CIF: bare, in quotes that end where a space follows (`'a dog's life'`), or in text fields between
 * lines that start with `;`. `#` starts a comment. A bare `.` is "does not apply" and a bare `?` is "unknown".
 * Specification: CIF 1.1 syntax, IUCr, https://www.iucr.org/resources/cif/spec/version1.1/cifsyntax
 */

import { malformed } from './records.ts';

export interface CifWord {
  text: string;
  /** Bare words alone can be keywords, names, `.` and `?`. */
  bare: boolean;
  line: number;
}

/** The words of some lines, of which `first` is the number of the first. @throws FormatError */
export function* cifWords(lines: readonly string[], first: number): Generator<CifWord> {
  for (let k = 0; k < lines.length; k++) {
    const start = k;
    if (lines[k]!.startsWith(';')) {
      const text = [lines[k]!.slice(1)];
      for (k++; k < lines.length && !lines[k]!.startsWith(';'); k++) text.push(lines[k]!);
      if (k === lines.length)
        throw malformed(first + start, 'a text field starts here; expected a line ; that ends it');
      yield { text: text.join('\n'), bare: false, line: first + start };
    }
    // What follows the ; that ends a text field is on the same line.
    yield* lineWords(k === start ? lines[k]! : lines[k]!.slice(1), first + k);
  }
}

function* lineWords(text: string, line: number): Generator<CifWord> {
  let at = 0;
  for (;;) {
    while (isSpace(text, at) && at < text.length) at++;
    const start = at;
    const mark = text[at];
    if (mark === undefined || mark === '#') return;
    const isQuoted = mark === "'" || mark === '"';
    if (isQuoted) {
      do at = text.indexOf(mark, at + 1);
      while (at >= 0 && !isSpace(text, at + 1));
      if (at < 0)
        throw malformed(line, `column ${start + 1}: expected a closing ${mark} before the line ends`);
      at++;
      yield { text: text.slice(start + 1, at - 1), bare: false, line };
    } else {
      while (!isSpace(text, at)) at++;
      yield { text: text.slice(start, at), bare: true, line };
    }
  }
}

/** The end of a line counts as space. */
function isSpace(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 9 || Number.isNaN(code);
}
