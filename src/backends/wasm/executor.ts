/**
 * @file Runs programs on all threads, and decides from what each operation reads and writes whether the threads have
 * to meet first. What only the main thread has rows for, it does alone: later commands are published after it, so
 * every thread sees its results.
 */
import { CommandRing, type HasEnded, type RingMemory } from './command-ring.ts';
import { Fallback } from './fallback.ts';
import type { Kernels } from './kernels.ts';
import { ACROSS, type Block, OWN_COPY, type WasmMatrix } from './matrix.ts';
import { align, type SharedHeap } from './memory.ts';
import { type Program, Thread } from './program.ts';

const FIRST_SCRATCH_BYTES = 1 << 18;

type Operands = Readonly<Record<string, WasmMatrix | undefined>>;

/** An operation as it was run: all that running it again takes. */
interface Command {
  readonly program: Program;
  readonly bounds: Int32Array;
  readonly mustMeet: boolean;
  readonly args: Readonly<Record<string, number>>;
}

interface CapturedCommands {
  readonly commands: readonly Command[];
  readonly spread: ReadonlySet<Block>;
}

export class Executor {
  readonly #ring: CommandRing;
  readonly #heap: SharedHeap;
  /** The main thread's own share, and for when it goes alone the others'. */
  readonly #shares: readonly Thread[];
  readonly #fallback: Fallback;
  /** Where each thread's scratch memory begins. */
  #scratch: number[] = [];
  #scratchBytes = 0;
  /** Number of operations so far, and the first one after all threads last met. */
  #operations = 0;
  #met = 0;
  /** A replay writes what no block knows of. */
  #replayed = false;
  /** Whether other threads have had work since the last `rest`. */
  #shared = false;
  #captured: Command[] | undefined;
  /** While memory is measured nothing runs; the most scratch memory that a thread would need. */
  #measured: { scratchBytes: number } | undefined;
  /** Accumulators that the captured operations spread over the threads' copies. */
  #spread: Set<Block> | undefined;

  constructor(heap: SharedHeap, kernels: Kernels, ring: RingMemory, threads: number, hasEnded?: HasEnded) {
    this.#heap = heap;
    this.#fallback = new Fallback();
    this.#ring = new CommandRing(
      ring,
      threads,
      (milliseconds) => this.#fallback.waited(milliseconds),
      hasEnded,
    );
    this.#shares = Array.from({ length: threads }, (_, index) => new Thread(kernels, index, threads));
    this.#provideScratch(FIRST_SCRATCH_BYTES);
  }

  get threads(): number {
    return this.#shares.length;
  }

  /** Thread t runs `program` on rows bounds[t]..bounds[t + 1], with the operands' addresses and the numbers. */
  run(
    program: Program,
    bounds: Int32Array,
    split: number,
    reads: Operands,
    writes: Operands,
    numbers: Readonly<Record<string, number>>,
  ): void {
    const args = argumentsOf(reads, writes, numbers);
    const needed = program.scratchBytes(args);
    if (this.#measured) {
      this.#measured.scratchBytes = Math.max(this.#measured.scratchBytes, needed);
      return;
    }
    if (needed > this.#scratchBytes) this.#provideScratch(needed);
    const several = this.threads > 1;
    const mustMeet =
      several && (this.#replayed || this.#conflicts(this.#isAlone(bounds) ? ACROSS : split, reads, writes));
    const command = { program, bounds, mustMeet, args };
    this.#captured?.push(command);
    this.#execute(command);
    if (several && !this.#isAlone(bounds)) this.#note(split, reads, writes);
  }

  /** Runs `work` and returns the operations it ran. They can be replayed while their memory lasts. */
  capture(work: () => void): CapturedCommands {
    if (this.#captured) throw new Error('a plan cannot be made inside another plan');
    this.meet();
    const commands: Command[] = [];
    const spread = new Set<Block>();
    this.#captured = commands;
    this.#spread = spread;
    try {
      work();
      return { commands, spread };
    } finally {
      this.#captured = undefined;
      this.#spread = undefined;
    }
  }

  get isMeasuring(): boolean {
    return this.#measured !== undefined;
  }

  /** Runs `work` without its operations, and returns how many bytes they would add to the threads' scratch memory. */
  measure(work: () => void): number {
    const measured = { scratchBytes: 0 };
    this.#measured = measured;
    try {
      work();
      const { scratchBytes } = measured;
      return scratchBytes > this.#scratchBytes ? align(scratchBytes) * this.threads : 0;
    } finally {
      this.#measured = undefined;
    }
  }

  replay({ commands, spread }: CapturedCommands): void {
    this.meet();
    this.rest();
    for (const command of commands) this.#execute(command);
    for (const block of spread) block.spread = true;
    this.#replayed = true;
  }

  /** Waits until all threads are done with everything. @throws Error if a worker failed */
  meet(): void {
    if (this.threads > 1) this.#ring.join();
    this.#met = this.#operations;
    this.#replayed = false;
  }

  /** Whether other threads have work at the moment, and so are awake. In the order of the program, not in time. */
  get isShared(): boolean {
    return this.#shared;
  }

  /** A new step, or a repeated one, begins. */
  rest(): void {
    this.#shared = false;
    this.#fallback.beginStep();
  }

  /** Whether a thread may be reading or writing this memory now. */
  mayBeInUse({ write, read }: Block): boolean {
    return this.#replayed || write >= this.#met || read >= this.#met;
  }

  /** A worker has died: whoever waits for it next gets an error. */
  fail(message: string): void {
    this.#ring.fail(message);
  }

  close(): void {
    this.#ring.close();
  }

  #execute({ program, bounds, mustMeet, args }: Command): void {
    if (this.#isAlone(bounds)) {
      if (mustMeet) this.meet();
      this.#runShare(0, program, bounds, args);
      return;
    }
    this.#shared = true;
    if (this.#fallback.alone) {
      for (let thread = 0; thread < this.threads; thread++) this.#runShare(thread, program, bounds, args);
      return;
    }
    const number = this.#ring.publish(program.id, mustMeet, bounds, this.#scratch, program.names, args);
    if (mustMeet) {
      this.#ring.waitForAllBefore(number);
      this.#met = this.#operations;
      this.#replayed = false;
    }
    this.#runShare(0, program, bounds, args);
    this.#ring.finish(0, number);
  }

  #runShare(index: number, program: Program, bounds: Int32Array, args: Command['args']): void {
    const thread = this.#shares[index];
    thread.begin = bounds[index];
    thread.end = bounds[index + 1];
    thread.rewindScratch(this.#scratch[index]);
    program.run(thread, args);
  }

  /** Whether the main thread has all the rows. */
  #isAlone(bounds: Int32Array): boolean {
    return bounds[1] === bounds[this.threads];
  }

  /** Whether other threads may still be writing what this operation reads, or reading what it writes. */
  #conflicts(split: number, reads: Operands, writes: Operands): boolean {
    for (const name in reads) {
      const block = reads[name]?.block;
      if (block && block.write >= this.#met && block.writeSplit !== split) return true;
    }
    for (const name in writes) {
      const matrix = writes[name];
      if (!matrix) continue;
      const own = matrix.copyStride > 0 ? OWN_COPY : split;
      const { write, writeSplit, read, readSplit } = matrix.block;
      if (write >= this.#met && writeSplit !== own) return true;
      if (read >= this.#met && readSplit !== own) return true;
    }
    return false;
  }

  #note(split: number, reads: Operands, writes: Operands): void {
    const now = this.#operations++;
    for (const name in reads) {
      const block = reads[name]?.block;
      if (!block) continue;
      block.readSplit = block.read >= this.#met && block.readSplit !== split ? ACROSS : split;
      block.read = now;
    }
    for (const name in writes) {
      const matrix = writes[name];
      if (!matrix) continue;
      const { block } = matrix;
      block.write = now;
      block.writeSplit = split;
      if (matrix.copyStride === 0) continue;
      // Each thread writes its own copy of an accumulator; whoever touches the whole has to wait, and be waited for.
      block.writeSplit = OWN_COPY;
      block.spread = true;
      this.#spread?.add(block);
    }
  }

  #provideScratch(bytes: number): void {
    this.meet();
    this.#scratchBytes = align(bytes);
    this.#scratch = Array.from({ length: this.threads }, () => this.#heap.take(this.#scratchBytes));
  }
}

/** NAME: an operand's address, 0 if absent; NAMEStride: what lies between a written one's copies. */
function argumentsOf(
  reads: Operands,
  writes: Operands,
  numbers: Readonly<Record<string, number>>,
): Record<string, number> {
  const args: Record<string, number> = { ...numbers };
  for (const name in reads) args[name] = reads[name]?.pointer ?? 0;
  for (const name in writes) {
    const matrix = writes[name];
    args[name] = matrix?.pointer ?? 0;
    args[strideName(name)] = matrix?.copyStride ?? 0;
  }
  return args;
}

const strideNames = new Map<string, string>();

function strideName(name: string): string {
  let stride = strideNames.get(name);
  if (stride === undefined) {
    stride = `${name}Stride`;
    strideNames.set(name, stride);
  }
  return stride;
}
