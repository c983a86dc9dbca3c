/** @file How a command line may end. */
import { resolve } from 'node:path';
import { ExitCode } from '../../src/cli/errors.ts';

export interface Outcome {
  readonly code: number;
  readonly stderr: string;
  /** Whether other files were there afterwards. */
  readonly changed: boolean;
}

const CODES: readonly number[] = [0, ...Object.values(ExitCode)];
/** What V8 and Node say to programmers, and nobody said to users. */
const INTERNAL =
  /Cannot (read|set|convert|destructure|mix|access)|is not (a function|iterable|a constructor|defined)|undefined is|Invalid (regular expression|array length|typed array|string length|array buffer)|Array buffer allocation|Maximum call stack|The "?\w*"? ?(argument|property|path)|ERR_INVALID|unreachable|memory access out of bounds|\[object |unexpected error/;

/** What is wrong with it; undefined if nothing is. */
export function faultOf(
  words: readonly string[],
  { code, stderr, changed }: Outcome,
  work: string,
): string | undefined {
  const lines = stderr.split('\n').slice(0, -1);
  const last = lines.at(-1) ?? '';
  if (!CODES.includes(code)) return `exit code ${code}: ${last}`;
  if (/^ +at .*:\d+:\d+\)?$/m.test(stderr)) return `a stack: ${stderr}`;
  if (stderr !== '' && !stderr.endsWith('\n')) return `a line without an end: ${JSON.stringify(stderr)}`;
  if (/[^\n\P{Cc}]/u.test(stderr)) return `control characters: ${JSON.stringify(stderr)}`;
  if (code !== 0 && !last.startsWith('egnn: ') && !isHelp(stderr))
    return `an error without its name: ${stderr}`;
  if (
    code === ExitCode.usage &&
    lines.length > 1 &&
    !isHelp(stderr) &&
    lines.some((line) => !line.startsWith('egnn: '))
  )
    return `wrong usage in several lines: ${stderr}`;
  if (code === ExitCode.usage && changed) return `wrong usage, after files were written: ${last}`;
  if (/Access to this API has been restricted|ERR_ACCESS_DENIED/.test(stderr))
    return words.some((word) => namesOther(word, work)) ? undefined : `a place that nobody named: ${stderr}`;
  const internal = INTERNAL.exec(lines.filter((line) => line.startsWith('egnn: ')).join('\n'));
  return internal ? `internals in an error: ${last}` : undefined;
}

const isHelp = (text: string) => text.startsWith('Usage: ');

/** Whether a word is, or ends in, a path outside of the folder, or the empty one, which is nowhere. */
function namesOther(word: string, work: string): boolean {
  return [word, word.slice(word.indexOf('=') + 1)].some(
    (path) => path === '' || !resolve(work, path).startsWith(work),
  );
}
