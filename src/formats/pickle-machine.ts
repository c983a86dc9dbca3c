/**
 * The machine that a pickle is a program for: a stack, a memo of objects that come again, and marks on the stack where
 * a list of items begins. In Python the program may call any function. Here it may call those of a fixed table, which
 * only build data, and any other name is refused before anything happens.
 */

import { FormatError } from './error.ts';
import { type Charge, COST } from './pickle-budget.ts';
import type { Cursor } from './pickle-cursor.ts';
import { describe, isPythonObject, type PickleValue } from './pickle-value.ts';

/** A Python class or function that a pickle may name. */
export interface PickleGlobal {
  /** What calling it, or making an instance with these arguments, gives. Absent: it can only be named. */
  call?(args: PickleValue[]): PickleValue;
  /** Gives a new instance the rest of its state. */
  setState?(instance: PickleValue, state: PickleValue): void;
}

export interface PickleRules {
  /** By full name: `collections.OrderedDict`. A string stands for itself: `torch.float32`. */
  globals: ReadonlyMap<string, PickleGlobal | string>;
  /** What a persistent id stands for; absent where the file may hold none. */
  loadPersistent?(id: PickleValue): PickleValue;
  /** Why a name outside the table is refused, and what to do: the rest of a sentence that starts with the name. */
  explainRefusal(name: string): string;
  charge: Charge;
}

export interface Machine {
  cursor: Cursor;
  rules: PickleRules;
  stack: PickleValue[];
  /** The height of the stack at each open mark. */
  marks: number[];
  memo: Map<number, PickleValue>;
  /** What made an object, for its setState. */
  makers: Map<PickleValue, PickleGlobal>;
}

/** V8 ends the process, or throws a RangeError, somewhat above these. */
const MAX_ITEMS = 2 ** 26;
const MAX_ENTRIES = 2 ** 24 - 1;

/** In messages. */
const MAX_NAME_LENGTH = 200;

/** Python 2's names and numpy 1's, in today's. */
const RENAMED = [
  [/^__builtin__\./, 'builtins.'],
  [/^copy_reg\./, 'copyreg.'],
  [/^numpy\.core\./, 'numpy._core.'],
] as const;

export function push(machine: Machine, value: PickleValue): void {
  append(machine.stack, value);
}

/** The top of the stack, taken off; items below an open mark are out of reach. */
export function pop(machine: Machine): PickleValue {
  const { stack, marks } = machine;
  if (stack.length <= (marks.at(-1) ?? 0))
    throw new FormatError('an instruction lacks its argument on the stack');
  return stack.pop()!;
}

export function top(machine: Machine): PickleValue {
  const value = pop(machine);
  machine.stack.push(value);
  return value;
}

/** The items above the last mark, taken off with it. */
export function popMark(machine: Machine): PickleValue[] {
  const mark = machine.marks.pop();
  if (mark === undefined)
    throw new FormatError('an instruction wants the items above a mark; there is no mark');
  machine.rules.charge(COST.list);
  return machine.stack.splice(mark);
}

export function memoize(machine: Machine, index: number): void {
  machine.rules.charge(COST.entry);
  setEntry(machine.memo, index, top(machine));
}

export function recall(machine: Machine, index: number): void {
  const value = machine.memo.get(index);
  if (value === undefined) throw new FormatError(`memo ${index} is asked for before anything is put there`);
  push(machine, value);
}

export function append<T>(list: T[], item: T): void {
  if (list.length >= MAX_ITEMS) throw new FormatError(`a list has more than ${MAX_ITEMS} items`);
  list.push(item);
}

export function setEntry<K, V>(map: Map<K, V>, key: K, value: V): void {
  if (map.size >= MAX_ENTRIES) throw new FormatError(`a dict has more than ${MAX_ENTRIES} entries`);
  map.set(key, value);
}

export function addItem(set: Set<PickleValue>, item: PickleValue): void {
  if (set.size >= MAX_ENTRIES) throw new FormatError(`a set has more than ${MAX_ENTRIES} items`);
  set.add(item);
}

/** Puts a class or function of the table on the stack, by its name. */
export function pushGlobal(machine: Machine, module: string, attribute: string): void {
  const name = currentName(`${module}.${attribute}`);
  const found = machine.rules.globals.get(name);
  if (found === undefined) {
    throw new FormatError(`${name.slice(0, MAX_NAME_LENGTH)} ${machine.rules.explainRefusal(name)}`);
  }
  machine.rules.charge(COST.list);
  push(machine, typeof found === 'string' ? found : { python: name });
}

/** Calls a function of the table, or makes an instance of a class of the table. */
export function call(machine: Machine, callee: PickleValue, args: PickleValue): void {
  const name = isPythonObject(callee) ? callee.python : describe(callee);
  const found = isPythonObject(callee) ? machine.rules.globals.get(name) : undefined;
  if (typeof found !== 'object' || found.call === undefined || !Array.isArray(args)) {
    throw new FormatError(`${name} called with ${describe(args)}; expected a known function and a tuple`);
  }
  let value: PickleValue;
  try {
    value = found.call(args);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`${name}: ${error.message}`, { cause: error });
  }
  if (found.setState !== undefined) {
    machine.rules.charge(COST.entry);
    setEntry(machine.makers, value, found);
  }
  push(machine, value);
}

/** BUILD: the state on top of the stack goes into the instance below it. */
export function build(machine: Machine): void {
  const state = pop(machine);
  const instance = top(machine);
  const maker = machine.makers.get(instance);
  if (maker?.setState === undefined) {
    throw new FormatError(`${describe(instance)} is given ${describe(state)} as its state; it has none`);
  }
  maker.setState(instance, state);
}

function currentName(name: string): string {
  for (const [old, current] of RENAMED) {
    if (old.test(name)) return name.replace(old, current);
  }
  return name;
}
