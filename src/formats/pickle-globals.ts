/**
 * The classes and functions of Python's own library that plain data is pickled with. Each builds data from its
 * arguments and does nothing else.
 */

import { FormatError } from './error.ts';
import { type Charge, COST } from './pickle-budget.ts';
import { addItem, type PickleGlobal, setEntry } from './pickle-machine.ts';
import { encodeLatin1 } from './pickle-text.ts';
import { describe, isPythonObject, type PickleValue } from './pickle-value.ts';

type Dictionary = Map<PickleValue, PickleValue>;

/** By full name, as the machine looks them up. */
export function plainGlobals(charge: Charge): [string, PickleGlobal][] {
  const dictionary = (entries: PickleValue): Dictionary => {
    const made: Dictionary = new Map();
    charge(COST.dictionary);
    copyEntries(entries, made, charge);
    return made;
  };
  const set = (args: PickleValue[]) => copyItems(args[0] ?? [], charge);
  const namespace: PickleGlobal = {
    call: () => dictionary([]),
    setState: (instance, state) => copyEntries(state, instance as Dictionary, charge),
  };
  return [
    ['builtins.bytearray', { call: (args) => bytesFrom(args, charge) }],
    ['builtins.bytes', { call: (args) => bytesFrom(args, charge) }],
    ['builtins.frozenset', { call: set }],
    ['builtins.set', { call: set }],
    ['_codecs.encode', { call: (args) => bytesFrom(args, charge) }],
    [
      'collections.OrderedDict',
      {
        call: (args) => dictionary(args[0] ?? []),
        // Attributes of the dictionary, such as the _metadata of a state dict, are no entries of it.
        setState: () => {},
      },
    ],
    ['collections.Counter', { call: (args) => dictionary(args[0] ?? []) }],
    ['collections.defaultdict', { call: (args) => dictionary(args[1] ?? []) }],
    ['argparse.Namespace', namespace],
    [
      // How protocols 0 and 1 make an instance.
      'copyreg._reconstructor',
      {
        ...namespace,
        call([made]) {
          if (!isPythonObject(made) || made.python !== 'argparse.Namespace') {
            throw new FormatError(`makes ${describe(made)}; expected argparse.Namespace`);
          }
          return dictionary([]);
        },
      },
    ],
    // Named by defaultdict, by copyreg._reconstructor, or as data; never called.
    ...['bool', 'dict', 'float', 'int', 'list', 'object', 'str', 'tuple'].map(
      (name): [string, PickleGlobal] => [`builtins.${name}`, {}],
    ),
  ];
}

/** From a dict, or a list of pairs. */
function copyEntries(entries: PickleValue, into: Dictionary, charge: Charge): void {
  if (entries instanceof Map) {
    charge(entries.size * COST.entry);
    for (const [key, value] of entries) setEntry(into, key, value);
    return;
  }
  if (!Array.isArray(entries)) throw new FormatError(`has entries ${describe(entries)}; expected a dict`);
  charge(entries.length * COST.entry);
  for (const pair of entries) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw new FormatError(`has an entry ${describe(pair)}; expected a key and a value`);
    }
    setEntry(into, pair[0]!, pair[1]!);
  }
}

function copyItems(items: PickleValue, charge: Charge): Set<PickleValue> {
  if (!Array.isArray(items)) throw new FormatError(`has items ${describe(items)}; expected a list`);
  charge(COST.dictionary + items.length * COST.entry);
  const set = new Set<PickleValue>();
  for (const item of items) addItem(set, item);
  return set;
}

/** Nothing, bytes, or a text with the name of its encoding: protocol 2 has no bytes and writes them as latin1. */
function bytesFrom([source, encoding]: PickleValue[], charge: Charge): Uint8Array {
  if (source === undefined) return new Uint8Array(0);
  if (source instanceof Uint8Array) return source;
  if (typeof source !== 'string' || (encoding !== 'latin1' && encoding !== 'latin-1')) {
    throw new FormatError(`makes bytes of ${describe(source)} in ${describe(encoding)}; expected latin1`);
  }
  charge(source.length);
  const bytes = encodeLatin1(source);
  if (bytes === undefined) throw new FormatError(`makes bytes of ${describe(source)}, which is not latin1`);
  return bytes;
}
