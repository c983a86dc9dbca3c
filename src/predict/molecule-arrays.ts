/**
 * @file Molecules of an npz file in the layout of QM9 that the authors' code makes:
 *
 *     num_atoms [M]    charges [M, K], atomic numbers filled up with zeros    positions [M, K, 3]    index [M], optional
 *
 * The index, where there is one, is the molecule's name. Properties are not read.
 */
import { ELEMENT_COUNT, FormatError, type Molecule } from '../formats/index.ts';
import { type Arrays, type NumberArray, readArrays } from './arrays.ts';
import type { Bytes, Entry, ReadContext } from './entries.ts';

interface Columns {
  readonly sizes: NumberArray;
  readonly charges: NumberArray;
  readonly positions: NumberArray;
  readonly index: NumberArray | undefined;
}

export async function* readMoleculeArrays(
  bytes: Bytes,
  { where, skip }: ReadContext,
): AsyncGenerator<Entry<Molecule>> {
  let columns: Columns;
  try {
    columns = columnsOf(await readArrays(bytes));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    if (skip === 0) yield { error: new FormatError(`${where}: ${error.message}`) };
    return;
  }
  const { sizes, index } = columns;
  for (let m = skip; m < sizes.data.length; m++) {
    const name = index && String(index.data[m]);
    try {
      yield { name, item: { ...moleculeAt(columns, m), name } };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      yield { name, error: new FormatError(`${where}, record ${m + 1}: ${error.message}`) };
    }
  }
}

function columnsOf(arrays: Arrays): Columns {
  const sizes = arrays.numbers('num_atoms', undefined);
  const count = sizes.data.length;
  const charges = arrays.numbers('charges', count, undefined);
  return {
    sizes,
    charges,
    positions: arrays.numbers('positions', count, charges.shape[1], 3),
    index: arrays.has('index') ? arrays.numbers('index', count) : undefined,
  };
}

/** @throws FormatError saying which number cannot be right */
function moleculeAt({ sizes, charges, positions }: Columns, m: number): Molecule {
  const width = charges.shape[1];
  const size = Number(sizes.data[m]);
  if (!Number.isInteger(size) || size < 0 || size > width)
    throw new FormatError(
      `num_atoms is ${size}; expected a whole number up to ${width}, as charges has room for`,
    );
  const numbers = new Uint8Array(size);
  for (let atom = 0; atom < size; atom++) {
    const number = Number(charges.data[m * width + atom]);
    if (!Number.isInteger(number) || number < 1 || number > ELEMENT_COUNT)
      throw new FormatError(
        `charges has ${number} for atom ${atom + 1}; expected a whole number from 1 to ${ELEMENT_COUNT}`,
      );
    numbers[atom] = number;
  }
  const own = positions.data.subarray(3 * m * width, 3 * (m * width + size));
  return {
    numbers,
    positions: Float64Array.from(own as ArrayLike<number | bigint>, Number),
    properties: new Map(),
    columns: new Map(),
  };
}
