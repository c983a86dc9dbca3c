/**
 * PyTorch files of before 1.6, and of `_use_new_zipfile_serialization=False` since: five pickles one after the other (a
 * magic number, the version 1001, the machine's sizes, the object, the keys of the storages in order), then each
 * storage as its number of elements, 8 bytes, and its elements; little-endian on every machine.
 */

import { ELEMENTS } from './array.ts';
import { FormatError } from './error.ts';
import { cursorAt, take, uint64 } from './pickle-cursor.ts';
import type { PickleRules } from './pickle-machine.ts';
import { runPickle } from './pickle-run.ts';
import { describe, type PickleValue } from './pickle-value.ts';
import { fillTensors, type Tensors } from './pytorch-tensors.ts';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const VERSION = 1001;

/** @param tensors Those that `rules` make. */
export function readLegacy(bytes: Uint8Array, rules: PickleRules, tensors: Tensors): PickleValue {
  const magic = readMagic(bytes, rules);
  const version = runPickle(bytes, rules, magic.end);
  if (version.value !== VERSION) {
    throw new FormatError(
      `pytorch: version ${describe(version.value)} at byte ${magic.end}; expected ${VERSION}`,
    );
  }
  const machine = runPickle(bytes, rules, version.end);
  const object = runPickle(bytes, rules, machine.end);
  const keys = runPickle(bytes, rules, object.end);
  const storages = readStorages(bytes, keys, tensors);
  fillTensors(
    tensors,
    (key) => {
      const storage = storages.get(key);
      if (storage === undefined) throw new FormatError(`pytorch: storage ${key} is not in the file`);
      return storage;
    },
    false,
  );
  return object.value;
}

function readMagic(bytes: Uint8Array, rules: PickleRules): { end: number } {
  const expected = 'expected a zip archive or the magic number of older PyTorch files';
  let magic: { value: PickleValue; end: number };
  try {
    magic = runPickle(bytes, rules);
  } catch (error) {
    throw new FormatError(`pytorch: ${expected}; ${(error as Error).message}`, { cause: error });
  }
  if (magic.value !== MAGIC) {
    throw new FormatError(`pytorch: ${expected}; found a plain pickle of ${describe(magic.value)}`);
  }
  return magic;
}

function readStorages(
  bytes: Uint8Array,
  { value: keys, end }: { value: PickleValue; end: number },
  { storages }: Tensors,
): Map<string, Uint8Array> {
  if (!Array.isArray(keys)) {
    throw new FormatError(`pytorch: the keys of the storages are ${describe(keys)}; expected a list`);
  }
  const known = new Map([...storages.values()].map((storage) => [storage.key, storage]));
  const found = new Map<string, Uint8Array>();
  const cursor = cursorAt(bytes, end);
  for (const key of keys) {
    const storage = typeof key === 'string' ? known.get(key) : undefined;
    if (storage === undefined) {
      throw new FormatError(
        `pytorch: the storage ${describe(key)} at byte ${cursor.at} belongs to no tensor`,
      );
    }
    const at = cursor.at;
    const length = uint64(cursor);
    if (length !== storage.wholeLength) {
      throw new FormatError(
        `pytorch: storage ${storage.key} at byte ${at} has ${length} elements; its tensors say ${storage.wholeLength}`,
      );
    }
    found.set(storage.key, take(cursor, length * ELEMENTS[storage.type].bytes));
  }
  return found;
}
