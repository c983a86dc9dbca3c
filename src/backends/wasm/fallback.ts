/**
 * @file When to go without the other threads. Threads that share every step lose more than they gain when another
 * process takes a core: each meeting then lasts as long as the system lets that process run (N-body, batch 100, on two
 * cores of which one is busy: 8 to 18 ms a step, where one thread needs 6.7). So when the main thread has spent most of a
 * step waiting, it does the others' shares itself for a while, then tries again. Shares stay as they are: the results
 * have the same bits.
 */

/** Waiting longer than this share of a step means that doing the other threads' work takes no longer. */
const MOST_WAITING = 0.5;
/** Steps that waited less than this, in milliseconds, say nothing. */
const LEAST_WAITING = 0.5;
/** How long to go alone before trying again, in milliseconds: twice as long each time. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2000;

export class Fallback {
  readonly #now: () => number;
  #stepBegan: number;
  #waited = 0;
  #alone = false;
  #until = 0;
  #pause = FIRST_PAUSE;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#stepBegan = now();
  }

  /** Whether the main thread does all threads' shares. */
  get alone(): boolean {
    return this.#alone;
  }

  /** The main thread has waited for others during this step, beyond a moment. */
  waited(milliseconds: number): void {
    this.#waited += milliseconds;
  }

  /** Between steps, when all threads have met. */
  beginStep(): void {
    const now = this.#now();
    if (this.#alone) this.#alone = now < this.#until;
    else if (this.#waited > LEAST_WAITING && this.#waited > MOST_WAITING * (now - this.#stepBegan)) {
      this.#alone = true;
      this.#until = now + this.#pause;
      this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
    } else this.#pause = FIRST_PAUSE;
    this.#stepBegan = now;
    this.#waited = 0;
  }
}
