/**
 * @file The list of operations that all threads work through, in shared memory. The main thread appends commands and
 * runs its own share of each; workers follow on their own. Nobody waits for anybody unless a command asks that all
 * earlier ones be over, or the main thread wants to read a result.
 *
 * Waiting threads spin for a moment (a meeting then costs 0.2 us instead of 65 us) and sleep afterwards.
 */
const SLOTS = 256;
/** Numbers in a slot: the program, a flag, the share's bounds, the scratch address, the arguments. */
const SLOT_NUMBERS = 256;
/** Int32 positions in the control block, one cache line apart. */
const PUBLISHED = 0;
const SLEEPING = 16;
const FAILED = 32;
const CLOSED = 48;
/** Threads that sleep until another one is done. */
const WAITING = 64;
const DONE = 80;
const LINE = 16;
const ERROR_BYTES = 1024;
const SPINS = 20_000;
/** How long a sleeping thread goes without looking whether another one has failed. */
const SLEEP_MS = 100;
/** Where nobody can say whether a worker lives, one that finishes nothing for this long is taken for dead. */
const PATIENCE_MS = 60_000;

export const MAXIMUM_THREADS = 64;

export interface RingMemory {
  readonly control: ArrayBufferLike;
  readonly slots: ArrayBufferLike;
  readonly error: ArrayBufferLike;
}

/** Pages that are not cross-origin isolated have no shared memory, and one thread, which needs none. */
export function createRingMemory(): RingMemory {
  const Memory = globalThis.SharedArrayBuffer ?? ArrayBuffer;
  return {
    control: new Memory((DONE + MAXIMUM_THREADS * LINE) * 4),
    slots: new Memory(SLOTS * SLOT_NUMBERS * 8),
    error: new Memory(ERROR_BYTES),
  };
}

/** One command as it stands in the ring. */
interface CommandView {
  readonly program: number;
  /** Whether all earlier commands must be over everywhere. */
  readonly barrier: boolean;
  readonly begin: number;
  readonly end: number;
  readonly scratch: number;
  /** Argument k of the program. */
  argument(k: number): number;
}

const BARRIER_AT = 1;
const BOUNDS_AT = 2;

/** Undefined where it is not known. */
export type HasEnded = (thread: number) => boolean | undefined;

export class CommandRing {
  readonly threads: number;
  readonly #control: Int32Array;
  readonly #slots: Float64Array;
  readonly #error: Uint8Array;
  /** Commands appended so far, a 32-bit number that wraps around; only differences of such numbers mean anything. */
  #published = 0;
  readonly #onWait: (milliseconds: number) => void;
  readonly #hasEnded: HasEnded;

  /**
   * @param onWait told how long the main thread has waited for another one, beyond a moment
   * @param hasEnded whether a thread will never finish anything again
   */
  constructor(
    memory: RingMemory,
    threads: number,
    onWait: (milliseconds: number) => void = () => {},
    hasEnded: HasEnded = () => undefined,
  ) {
    this.threads = threads;
    this.#onWait = onWait;
    this.#hasEnded = hasEnded;
    this.#control = new Int32Array(memory.control);
    this.#slots = new Float64Array(memory.slots);
    this.#error = new Uint8Array(memory.error);
  }

  /** Main thread: appends a command; the caller then runs its own share and calls `finish(0, ...)`. Returns its number. */
  publish(
    program: number,
    barrier: boolean,
    bounds: Int32Array,
    scratch: readonly number[],
    names: readonly string[],
    args: Readonly<Record<string, number>>,
  ): number {
    const number = this.#published;
    this.#waitForAll((number - SLOTS + 1) | 0);
    const slots = this.#slots;
    let at = slotOf(number);
    slots[at++] = program;
    slots[at++] = barrier ? 1 : 0;
    for (let thread = 0; thread <= this.threads; thread++) slots[at++] = bounds[thread];
    for (let thread = 0; thread < this.threads; thread++) slots[at++] = scratch[thread];
    for (const name of names) slots[at++] = args[name];
    this.#published = (number + 1) | 0;
    Atomics.store(this.#control, PUBLISHED, this.#published);
    if (Atomics.load(this.#control, SLEEPING) > 0) Atomics.notify(this.#control, PUBLISHED);
    return number;
  }

  /** A thread has finished command `number`. */
  finish(thread: number, number: number): void {
    const at = DONE + thread * LINE;
    Atomics.store(this.#control, at, (number + 1) | 0);
    if (Atomics.load(this.#control, WAITING) > 0) Atomics.notify(this.#control, at);
  }

  /** Waits until every thread has finished all commands before `number`. @throws Error if a worker failed */
  waitForAllBefore(number: number): void {
    this.#waitForAll(number);
  }

  /** Main thread: waits until everything appended is done everywhere. @throws Error if a worker failed */
  join(): void {
    this.#waitForAll(this.#published);
  }

  /** Worker: the command with this number, once there is one; undefined when the ring is closed. */
  next(number: number, thread: number): CommandView | undefined {
    const control = this.#control;
    for (let spin = 0; Atomics.load(control, PUBLISHED) === number; spin++) {
      if (spin < SPINS) continue;
      Atomics.add(control, SLEEPING, 1);
      Atomics.wait(control, PUBLISHED, number);
      Atomics.sub(control, SLEEPING, 1);
    }
    if (Atomics.load(control, CLOSED) === 1) return undefined;
    const slots = this.#slots;
    const at = slotOf(number);
    const argumentsAt = at + BOUNDS_AT + 2 * this.threads + 1;
    return {
      program: slots[at],
      barrier: slots[at + BARRIER_AT] === 1,
      begin: slots[at + BOUNDS_AT + thread],
      end: slots[at + BOUNDS_AT + thread + 1],
      scratch: slots[at + BOUNDS_AT + this.threads + 1 + thread],
      argument: (k) => slots[argumentsAt + k],
    };
  }

  /**
   * Says what went wrong with a worker; the main thread throws it when it next waits. The first failure is the cause: a
   * worker that waits for the one that failed fails with it.
   */
  fail(message: string): void {
    if (Atomics.load(this.#control, FAILED) !== 0) return;
    const text = new TextEncoder().encode(message.slice(0, ERROR_BYTES / 4));
    this.#error.set(text);
    Atomics.store(this.#control, FAILED, text.length || 1);
  }

  /** Main thread: ends the workers' loops. */
  close(): void {
    Atomics.store(this.#control, CLOSED, 1);
    Atomics.add(this.#control, PUBLISHED, 1);
    Atomics.notify(this.#control, PUBLISHED);
  }

  #waitForAll(number: number): void {
    for (let thread = 0; thread < this.threads; thread++) this.#waitFor(thread, number);
  }

  #waitFor(thread: number, number: number): void {
    const control = this.#control;
    const at = DONE + thread * LINE;
    let began = 0;
    let deadline = 0;
    for (let spin = 0; ((Atomics.load(control, at) - number) | 0) < 0; spin++) {
      if (Atomics.load(control, FAILED) !== 0) throw new Error(`a worker thread failed: ${this.#failure()}`);
      if (spin < SPINS) continue;
      // The other thread has long work, or another process has taken its core: sleep until it is done.
      began ||= performance.now();
      deadline ||= began + PATIENCE_MS;
      const done = Atomics.load(control, at);
      Atomics.add(control, WAITING, 1);
      if (((done - number) | 0) < 0) Atomics.wait(control, at, done, SLEEP_MS);
      Atomics.sub(control, WAITING, 1);
      if (Atomics.load(control, at) !== done) {
        deadline = performance.now() + PATIENCE_MS;
        continue;
      }
      const ended = this.#hasEnded(thread);
      // Whoever waits from now on hears of it at once, this thread first.
      if (ended) this.fail(`thread ${thread} has ended in the middle of its work; start a new engine`);
      else if (ended === undefined && performance.now() > deadline)
        this.fail(`thread ${thread} has not answered for ${PATIENCE_MS / 1000} s; start a new engine`);
    }
    if (began > 0) this.#onWait(performance.now() - began);
  }

  #failure(): string {
    const length = Atomics.load(this.#control, FAILED);
    return new TextDecoder().decode(this.#error.slice(0, length));
  }
}

function slotOf(number: number): number {
  return (number & (SLOTS - 1)) * SLOT_NUMBERS;
}
