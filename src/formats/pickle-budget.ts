/**
 * A limit on what a file may make its reader allocate. A pickle of some kilobytes can ask for the same megabytes to
 * be copied a thousand times, and a tensor of stride 0 has any size that it likes. Whatever takes more memory
 * than its own bytes in the file is charged first; a file that runs out is refused.
 */

import { FormatError } from './error.ts';

/** Takes bytes off the budget. @throws FormatError where it is spent. */
export type Charge = (bytes: number) => void;

/** Any file may ask for this much, and for this many bytes for each of its own. */
const FREE_BYTES = 2 ** 26;
const BYTES_PER_FILE_BYTE = 16;

/** What an object costs, rounded up from what V8 takes. */
export const COST = { list: 48, dictionary: 200, entry: 32, array: 300 } as const;

/** A fresh budget for a file of that many bytes. */
export function startBudget(fileBytes: number): Charge {
  const allowed = FREE_BYTES + BYTES_PER_FILE_BYTE * fileBytes;
  let spent = 0;
  return (bytes) => {
    spent += bytes;
    if (spent > allowed) {
      throw new FormatError(
        `the file of ${fileBytes} bytes asks for more than ${spent} bytes of memory; ` +
          `expected at most ${FREE_BYTES} and ${BYTES_PER_FILE_BYTE} for each byte of the file`,
      );
    }
  };
}
