/**
 * The instructions of protocols 0 to 5, by their byte. Left out, because they name what lies outside the file: the
 * extension registry (EXT1, EXT2, EXT4), persistent ids as text (PERSID), out-of-band buffers (NEXT_BUFFER).
 */

import { FormatError } from './error.ts';
import { COST } from './pickle-budget.ts';
import { type Cursor, float64, int32, line, take, uint8, uint16, uint32, uint64 } from './pickle-cursor.ts';
import {
  addItem,
  append,
  build,
  call,
  type Machine,
  memoize,
  pop,
  popMark,
  push,
  pushGlobal,
  recall,
  setEntry,
  top,
} from './pickle-machine.ts';
import {
  decodeBytesOrText,
  decodeFloat,
  decodeInteger,
  decodeLatin1,
  decodeLong,
  decodeQuoted,
  decodeRawUnicode,
  decodeUtf8,
} from './pickle-text.ts';
import { describe, type PickleValue } from './pickle-value.ts';

type Instruction = (machine: Machine) => void;

export const STOP = '.'.charCodeAt(0);
const LAST_PROTOCOL = 5;

/** An instruction that pushes what it reads. */
const pushes =
  (read: (cursor: Cursor) => PickleValue): Instruction =>
  (machine) => {
    const value = read(machine.cursor);
    // An object each, however few the bytes are.
    if (value instanceof Uint8Array) machine.rules.charge(COST.array);
    push(machine, value);
  };

/** Protocol 0 writes booleans as the ints 00 and 01. */
function readInt(cursor: Cursor): PickleValue {
  const text = decodeLatin1(line(cursor));
  return text === '00' ? false : text === '01' ? true : decodeInteger(text);
}

const scalars: [string | number, Instruction][] = [
  ['N', pushes(() => null)],
  [0x88, pushes(() => true)],
  [0x89, pushes(() => false)],
  ['I', pushes(readInt)],
  ['J', pushes(int32)],
  ['K', pushes(uint8)],
  ['M', pushes(uint16)],
  ['L', pushes((cursor) => decodeInteger(decodeLatin1(line(cursor)).replace(/L$/, '')))],
  [0x8a, pushes((cursor) => decodeLong(take(cursor, uint8(cursor))))],
  [0x8b, pushes((cursor) => decodeLong(take(cursor, uint32(cursor))))],
  ['F', pushes((cursor) => decodeFloat(decodeLatin1(line(cursor))))],
  ['G', pushes(float64)],
];

const texts: [string | number, Instruction][] = [
  ['S', pushes((cursor) => decodeBytesOrText(decodeQuoted(line(cursor))))],
  ['T', pushes((cursor) => decodeBytesOrText(take(cursor, uint32(cursor))))],
  ['U', pushes((cursor) => decodeBytesOrText(take(cursor, uint8(cursor))))],
  ['V', pushes((cursor) => decodeRawUnicode(line(cursor)))],
  ['X', pushes((cursor) => decodeUtf8(take(cursor, uint32(cursor))))],
  [0x8c, pushes((cursor) => decodeUtf8(take(cursor, uint8(cursor))))],
  [0x8d, pushes((cursor) => decodeUtf8(take(cursor, uint64(cursor))))],
  ['B', pushes((cursor) => take(cursor, uint32(cursor)))],
  ['C', pushes((cursor) => take(cursor, uint8(cursor)))],
  [0x8e, pushes((cursor) => take(cursor, uint64(cursor)))],
  [0x96, pushes((cursor) => take(cursor, uint64(cursor)))],
];

const containers: [string | number, Instruction][] = [
  [']', (machine) => push(machine, newList(machine))],
  [')', (machine) => push(machine, newList(machine))],
  ['l', (machine) => push(machine, popMark(machine))],
  ['t', (machine) => push(machine, popMark(machine))],
  [0x85, (machine) => pushTuple(machine, 1)],
  [0x86, (machine) => pushTuple(machine, 2)],
  [0x87, (machine) => pushTuple(machine, 3)],
  ['a', (machine) => appendAll(machine, [pop(machine)])],
  ['e', (machine) => appendAll(machine, popMark(machine))],
  ['}', (machine) => push(machine, newDictionary(machine))],
  ['d', (machine) => push(machine, setAll(newDictionary(machine), popMark(machine)))],
  ['s', (machine) => setItems(machine, [pop(machine), pop(machine)].reverse())],
  ['u', (machine) => setItems(machine, popMark(machine))],
  [0x8f, (machine) => push(machine, newSet(machine))],
  [0x90, addItems],
  [0x91, (machine) => push(machine, addAll(newSet(machine), popMark(machine)))],
];

const control: [string | number, Instruction][] = [
  [0x80, startProtocol],
  [0x95, startFrame],
  ['(', (machine) => append(machine.marks, machine.stack.length)],
  ['0', popOrUnmark],
  ['1', (machine) => popMark(machine)],
  ['2', (machine) => push(machine, top(machine))],
  ['p', (machine) => memoize(machine, readIndex(machine.cursor))],
  ['q', (machine) => memoize(machine, uint8(machine.cursor))],
  ['r', (machine) => memoize(machine, uint32(machine.cursor))],
  [0x94, (machine) => memoize(machine, machine.memo.size)],
  ['g', (machine) => recall(machine, readIndex(machine.cursor))],
  ['h', (machine) => recall(machine, uint8(machine.cursor))],
  ['j', (machine) => recall(machine, uint32(machine.cursor))],
];

const objects: [string | number, Instruction][] = [
  ['c', (machine) => pushGlobal(machine, readName(machine.cursor), readName(machine.cursor))],
  [0x93, pushStackGlobal],
  ['R', reduce],
  [0x81, reduce],
  [0x92, makeWithKeywords],
  ['b', build],
  ['i', makeNamed],
  ['o', makeFromMark],
  ['Q', loadPersistent],
];

export const OPCODES: ReadonlyMap<number, Instruction> = new Map(
  [...scalars, ...texts, ...containers, ...control, ...objects].map(([code, instruction]) => [
    typeof code === 'string' ? code.charCodeAt(0) : code,
    instruction,
  ]),
);

function startProtocol({ cursor }: Machine): void {
  const version = uint8(cursor);
  if (version > LAST_PROTOCOL) throw new FormatError(`protocol ${version}; expected 0 to ${LAST_PROTOCOL}`);
}

/** A frame only says how much a reader may fetch at once. */
function startFrame({ cursor }: Machine): void {
  const length = uint64(cursor);
  const rest = cursor.bytes.length - cursor.at;
  if (length > rest) throw new FormatError(`a frame has ${length} bytes; the pickle has ${rest} more`);
}

/** Also takes off a mark that nothing is above. */
function popOrUnmark(machine: Machine): void {
  if (machine.marks.at(-1) === machine.stack.length) machine.marks.pop();
  else pop(machine);
}

function readIndex(cursor: Cursor): number {
  const index = decodeInteger(decodeLatin1(line(cursor)));
  if (typeof index === 'bigint' || index < 0)
    throw new FormatError(`memo ${index}; expected a number from 0`);
  return index;
}

function readName(cursor: Cursor): string {
  return decodeUtf8(line(cursor));
}

function newList({ rules }: Machine): PickleValue[] {
  rules.charge(COST.list);
  return [];
}

function newDictionary({ rules }: Machine): Map<PickleValue, PickleValue> {
  rules.charge(COST.dictionary);
  return new Map();
}

function newSet({ rules }: Machine): Set<PickleValue> {
  rules.charge(COST.dictionary);
  return new Set();
}

function pushTuple(machine: Machine, length: number): void {
  const tuple = newList(machine);
  for (let k = 0; k < length; k++) tuple.push(pop(machine));
  push(machine, tuple.reverse());
}

function appendAll(machine: Machine, items: PickleValue[]): void {
  const list = top(machine);
  if (!Array.isArray(list)) throw new FormatError(`items are appended to ${describe(list)}; expected a list`);
  for (const item of items) append(list, item);
}

function setItems(machine: Machine, items: PickleValue[]): void {
  const dictionary = top(machine);
  if (!(dictionary instanceof Map)) {
    throw new FormatError(`entries are set in ${describe(dictionary)}; expected a dict`);
  }
  setAll(dictionary, items);
}

/** Keys and values by turns. */
function setAll(
  dictionary: Map<PickleValue, PickleValue>,
  items: PickleValue[],
): Map<PickleValue, PickleValue> {
  if (items.length % 2 !== 0)
    throw new FormatError(`the last of ${items.length} keys and values has no value`);
  for (let k = 0; k < items.length; k += 2) setEntry(dictionary, items[k]!, items[k + 1]!);
  return dictionary;
}

function addItems(machine: Machine): void {
  const items = popMark(machine);
  const set = top(machine);
  if (!(set instanceof Set)) throw new FormatError(`items are added to ${describe(set)}; expected a set`);
  addAll(set, items);
}

function addAll(set: Set<PickleValue>, items: PickleValue[]): Set<PickleValue> {
  for (const item of items) addItem(set, item);
  return set;
}

function pushStackGlobal(machine: Machine): void {
  const name = pop(machine);
  const module = pop(machine);
  if (typeof name !== 'string' || typeof module !== 'string') {
    throw new FormatError(
      `the name of a global is ${describe(module)}, ${describe(name)}; expected two texts`,
    );
  }
  pushGlobal(machine, module, name);
}

/** REDUCE calls a function; NEWOBJ makes an instance of a class. */
function reduce(machine: Machine): void {
  const args = pop(machine);
  call(machine, pop(machine), args);
}

function makeWithKeywords(machine: Machine): void {
  const keywords = pop(machine);
  if (!(keywords instanceof Map) || keywords.size > 0) {
    throw new FormatError(
      `an instance is made with the keywords ${describe(keywords)}; expected an empty dict`,
    );
  }
  reduce(machine);
}

function makeNamed(machine: Machine): void {
  const args = popMark(machine);
  pushGlobal(machine, readName(machine.cursor), readName(machine.cursor));
  call(machine, pop(machine), args);
}

function makeFromMark(machine: Machine): void {
  const [callee, ...args] = popMark(machine);
  call(machine, callee ?? null, args);
}

function loadPersistent(machine: Machine): void {
  const id = pop(machine);
  if (machine.rules.loadPersistent === undefined) {
    throw new FormatError(`the persistent id ${describe(id)} names what lies outside this pickle`);
  }
  push(machine, machine.rules.loadPersistent(id));
}
