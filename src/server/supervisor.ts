/**
 * @file Keeps one child process running: started again when it ends, at once the first time and with growing pauses when
 * it keeps ending; replaced, without a gap, when it is to read its models anew.
 */
import { type Child, ChildEndedError, startChild } from './child.ts';

/** A process that lived this long, in milliseconds, was well; the next one starts at once. */
const WELL = 10_000;
/** Before the next start after the first, second, ... end of one that was not well: with the start, less than a second. */
const PAUSES = [0, 0, 100, 250, 500];
/** Before the next start after one that failed. */
const FAILED_START_PAUSE = 5_000;

export interface Supervisor<Job, Result, Ready> {
  /** Undefined while none is ready. */
  readonly child: Child<Job, Result, Ready> | undefined;
  /** None is ready, and the last one could not get ready either. */
  readonly isBroken: boolean;
  /**
   * Starts a process beside the one there is, and lets it take over. Who asks while one starts waits for the next one.
   * @throws Error if it cannot get ready or is not accepted; the old one stays
   */
  replace(): Promise<void>;
  /** Ends the process for good. */
  stop(): void;
}

interface SupervisorOptions<Job, Result, Ready> {
  readonly script: URL;
  readonly settings: unknown;
  /** What a process is started with that follows one which has ended by itself; `settings` if left out. */
  settingsAfter?(last: Ready): unknown;
  /** @throws Error for a process that cannot replace the one before */
  accept?(ready: Ready, before: Ready): void;
  /** A process is ready, the first one included. */
  onReady(child: Child<Job, Result, Ready>): void;
  /** A process ended by itself. */
  onEnded(): void;
  /** The one that should follow could not get ready. */
  onFailedStart(reason: Error): void;
}

/** @throws Error if the first process cannot get ready */
export async function supervise<Job, Result, Ready>(
  options: SupervisorOptions<Job, Result, Ready>,
): Promise<Supervisor<Job, Result, Ready>> {
  let child: Child<Job, Result, Ready> | undefined;
  let lastReady: Ready | undefined;
  let isBroken = false;
  let isStopped = false;
  /** Of processes that were not well, one after the other. */
  let ends = 0;
  let starting: Promise<void> = Promise.resolve();
  let nextReplacement: Promise<void> | undefined;

  /** One start after the other, so that the last one asked for stays. */
  function exclusively(work: () => Promise<void>): Promise<void> {
    starting = starting.catch(() => {}).then(work);
    return starting;
  }

  async function start(settings: unknown): Promise<void> {
    const started = await startChild<Job, Result, Ready>(options.script, settings);
    try {
      if (isStopped) throw new Error('the server is stopping');
      if (lastReady !== undefined) options.accept?.(started.ready, lastReady);
    } catch (error) {
      started.kill();
      throw error;
    }
    const old = child;
    const since = performance.now();
    child = started;
    lastReady = started.ready;
    isBroken = false;
    started.ended.then(() => {
      if (child !== started || isStopped) return;
      child = undefined;
      ends = performance.now() - since > WELL ? 0 : ends + 1;
      options.onEnded();
      restart(PAUSES[Math.min(ends, PAUSES.length - 1)]);
    });
    options.onReady(started);
    old?.retire();
  }

  function restart(pause: number): void {
    setTimeout(async () => {
      try {
        await exclusively(async () => {
          if (!isStopped && !child) await start(options.settingsAfter?.(lastReady!) ?? options.settings);
        });
      } catch (error) {
        if (isStopped) return;
        isBroken = true;
        options.onFailedStart(error as Error);
        restart(error instanceof ChildEndedError ? PAUSES.at(-1)! : FAILED_START_PAUSE);
      }
    }, pause);
  }

  await start(options.settings);
  return {
    get child() {
      return child?.isAlive ? child : undefined;
    },
    get isBroken() {
      return isBroken && !child;
    },
    replace() {
      nextReplacement ??= exclusively(() => {
        nextReplacement = undefined;
        return start(options.settings);
      });
      return nextReplacement;
    },
    stop() {
      isStopped = true;
      child?.kill();
    },
  };
}
