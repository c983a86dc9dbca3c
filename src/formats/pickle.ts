/**
 * Plain Python pickles, such as the `args.pickle` that lies beside many checkpoints: data only, of protocols 0 to 5.
 * A pickle can name any function of Python. Here it can name those that build plain data, and every other name
 * is refused; nothing of the file is ever run.
 * Specification: CPython, Lib/pickletools.py.
 */

import { startBudget } from './pickle-budget.ts';
import { plainGlobals } from './pickle-globals.ts';
import { numpyGlobals } from './pickle-numpy.ts';
import { runPickle } from './pickle-run.ts';
import type { PickleValue } from './pickle-value.ts';

/**
 * Reads one pickle; {@link PickleValue} says what becomes of Python's objects.
 * @throws FormatError with the byte at fault: for bytes that are no pickle, for the name of a class that is not plain
 *   data, and for a file that asks for more memory than 64 MiB and 16 bytes for each of its own.
 */
export function readPickle(bytes: Uint8Array): PickleValue {
  const charge = startBudget(bytes.length);
  const { value } = runPickle(bytes, {
    globals: new Map([...plainGlobals(charge), ...numpyGlobals(charge)]),
    explainRefusal: () =>
      'is refused; expected plain data: dicts, lists, numbers, texts, argparse.Namespace, numpy arrays',
    charge,
  });
  return value;
}
