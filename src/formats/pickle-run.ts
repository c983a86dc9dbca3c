/**
 * Running a pickle: one instruction after the other until STOP. No instruction recurses, so that depth costs no stack,
 * and each takes time in proportion to the bytes or items that it reads.
 * Specification: CPython, Lib/pickletools.py.
 */

import { FormatError } from './error.ts';
import { cursorAt, uint8 } from './pickle-cursor.ts';
import { type Machine, type PickleRules, pop } from './pickle-machine.ts';
import { OPCODES, STOP } from './pickle-opcodes.ts';
import type { PickleValue } from './pickle-value.ts';

/**
 * Runs one pickle from byte `start`; `end` is the byte after it.
 * @throws FormatError with the byte at fault.
 */
export function runPickle(
  bytes: Uint8Array,
  rules: PickleRules,
  start = 0,
): { value: PickleValue; end: number } {
  const machine: Machine = {
    cursor: cursorAt(bytes, start),
    rules,
    stack: [],
    marks: [],
    memo: new Map(),
    makers: new Map(),
  };
  const { cursor } = machine;
  while (true) {
    const at = cursor.at;
    try {
      const opcode = uint8(cursor);
      if (opcode === STOP) return { value: pop(machine), end: cursor.at };
      const instruction = OPCODES.get(opcode);
      if (instruction === undefined) {
        throw new FormatError(`0x${opcode.toString(16)} is no instruction of protocols 0 to 5`);
      }
      instruction(machine);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new FormatError(`pickle: byte ${at}: ${error.message}`, { cause: error });
    }
  }
}
