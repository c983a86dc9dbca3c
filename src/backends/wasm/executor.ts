/**
 * @file Runs programs on all threads, and decides from what each operation reads and writes whether the threads have
 * to meet first.
 */
import { CommandRing, createRingMemory, type RingMemory } from './command-ring.ts';
import type { Kernels } from './kernels.ts';
import type { WasmMatrix, WasmRows } from './matrix.ts';
import { align, type SharedHeap } from './memory.ts';
import { type Program, Thread } from './program.ts';

const FIRST_SCRATCH_BYTES = 1 << 18;

export class Executor {
  readonly ringMemory: RingMemory = createRingMemory();
  readonly #ring: CommandRing;
  readonly #heap: SharedHeap;
  readonly #thread: Thread;
  /** Where each thread's scratch memory begins. */
  #scratch: number[] = [];
  #scratchBytes = 0;
  /** Number of operations so far, and the last one that all threads met before. */
  #operations = 0;
  #meeting = 0;

  constructor(heap: SharedHeap, kernels: Kernels, threads: number) {
    this.#heap = heap;
    this.#ring = new CommandRing(this.ringMemory, threads);
    this.#thread = new Thread(kernels, 0, threads);
    this.#provideScratch(FIRST_SCRATCH_BYTES);
  }

  get threads(): number {
    return this.#thread.count;
  }

  /**
   * Every thread runs `program` on its share of `rows`.
   * @param split how the operation touches its operands: along `rows.split`, or ACROSS threads
   */
  run<Name extends string>(
    program: Program<Name>,
    rows: Pick<WasmRows, 'bounds'>,
    split: number,
    reads: readonly (WasmMatrix | undefined)[],
    writes: readonly (WasmMatrix | undefined)[],
    args: Readonly<Record<Name, number>>,
  ): void {
    const needed = program.scratchBytes(args);
    if (needed > this.#scratchBytes) this.#provideScratch(needed);
    const thread = this.#thread;
    thread.begin = rows.bounds[0];
    thread.end = rows.bounds[1];
    thread.rewindScratch(this.#scratch[0]);
    if (thread.count === 1) {
      program.run(thread, args);
      return;
    }
    const meet = this.#mustMeet(split, reads, writes);
    const number = this.#ring.publish(program.id, meet, rows.bounds, this.#scratch, program.names, args);
    if (meet) this.#ring.waitForAllBefore(number);
    program.run(thread, args);
    this.#ring.finish(0, number);
    this.#note(split, reads, writes);
  }

  /** Waits until all threads are done with everything. @throws Error if a worker failed */
  join(): void {
    if (this.#thread.count > 1) this.#ring.join();
    this.#meeting = this.#operations;
  }

  close(): void {
    this.#ring.close();
  }

  #mustMeet(
    split: number,
    reads: readonly (WasmMatrix | undefined)[],
    writes: readonly (WasmMatrix | undefined)[],
  ): boolean {
    const since = this.#meeting;
    const meet =
      reads.some((matrix) => {
        const block = matrix?.block;
        return block && block.write >= since && block.writeSplit !== split;
      }) ||
      writes.some((matrix) => {
        const block = matrix?.block;
        if (!block || matrix.copyStride > 0) return false;
        const written = block.write >= since && block.writeSplit !== split;
        const read = block.read >= since && block.readSplit !== split;
        return written || read;
      });
    if (meet) this.#meeting = this.#operations;
    return meet;
  }

  #note(
    split: number,
    reads: readonly (WasmMatrix | undefined)[],
    writes: readonly (WasmMatrix | undefined)[],
  ): void {
    const now = this.#operations++;
    for (const matrix of reads) {
      if (!matrix) continue;
      const { block } = matrix;
      block.readSplit = block.read >= this.#meeting && block.readSplit !== split ? Number.NaN : split;
      block.read = now;
    }
    for (const matrix of writes) {
      if (!matrix) continue;
      const { block } = matrix;
      // Each thread writes its own copy of an accumulator; whoever reads the whole has to wait.
      block.writeSplit = matrix.copyStride > 0 ? Number.NaN : split;
      block.write = now;
    }
  }

  #provideScratch(bytes: number): void {
    this.join();
    this.#scratchBytes = align(bytes);
    this.#scratch = Array.from({ length: this.threads }, () => this.#heap.take(this.#scratchBytes));
  }
}
