/**
 * @file A program is what every thread runs for one operation: numbers in (addresses, sizes, options), its own share
 * of the rows from the thread. Programs are numbered in the order of their definition, the same in all threads.
 */
import type { Kernels } from './kernels.ts';
import { align } from './memory.ts';

/** One thread as a program sees it. */
export class Thread {
  readonly kernels: Kernels;
  readonly index: number;
  readonly count: number;
  /** This thread's share of the operation's rows: begin..end. */
  begin = 0;
  end = 0;
  #scratchTop = 0;

  constructor(kernels: Kernels, index: number, count: number) {
    this.kernels = kernels;
    this.index = index;
    this.count = count;
  }

  /** Sets where `scratch` takes memory from; called before each program. */
  rewindScratch(start: number): void {
    this.#scratchTop = start;
  }

  /** Room for `floats` numbers of this thread's own, until the program ends; at most what it announced in all. */
  scratch(floats: number): number {
    const start = this.#scratchTop;
    this.#scratchTop += align(floats * 4);
    return start;
  }
}

export interface Program<Name extends string = string> {
  readonly id: number;
  readonly names: readonly Name[];
  readonly run: (thread: Thread, args: Readonly<Record<Name, number>>) => void;
  /** How many bytes of scratch memory a thread needs. */
  readonly scratchBytes: (args: Readonly<Record<Name, number>>) => number;
}

/** All programs by number. */
export const programs: Program[] = [];

/**
 * What is known by which number, as text: the same in two threads that agree. Bundlers may leave out modules that seem to
 * be unused, or load them in another order.
 */
export function programTable(): string {
  return programs.map(({ names }) => names.join(' ')).join('\n');
}

/** @param scratchBytes for programs that call `thread.scratch`; every block taken is rounded up to a cache line */
export function defineProgram<const Name extends string>(
  names: readonly Name[],
  run: (thread: Thread, args: Readonly<Record<Name, number>>) => void,
  scratchBytes: (args: Readonly<Record<Name, number>>) => number = () => 0,
): Program<Name> {
  const program: Program<Name> = { id: programs.length, names, run, scratchBytes };
  programs.push(program as unknown as Program);
  return program;
}
