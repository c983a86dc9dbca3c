/**
 * @file Keeps one child process running: started again when it ends, at once the first time and with growing pauses when
 * it keeps ending; replaced, without a gap, when it is to read its models anew.
 */
import { type Child, ChildEndedError, startChild } from './child.ts';

/** A process that lived this long, in milliseconds, was well; the next one starts at once. */
const WELL = 10_000;
/** Before the next start after the first, second, ... end of one that was not well: with the start, less than a second. */
const PAUSES = [0, 0, 100, 250, 500];
/** Before the next start after one that failed: its files have to be mended first. */
const FAILED_START_PAUSE = 5_000;

export interface Supervisor<Job, Result, Ready> {
  /** Undefined while none is ready. */
  readonly child: Child<Job, Result, Ready> | undefined;
  /** Starts a process beside the one there is, and lets it take over. @throws Error if it cannot get ready; the old one stays */
  replace(): Promise<void>;
  /** Ends the process for good. */
  stop(): void;
}

interface SupervisorOptions<Job, Result, Ready> {
  readonly script: URL;
  readonly settings: unknown;
  /** A process is ready, the first one included. */
  onReady(child: Child<Job, Result, Ready>): void;
  /** A process ended by itself, or could not get ready again. */
  onEnded(reason: Error | undefined): void;
}

/** @throws Error if the first process cannot get ready */
export async function supervise<Job, Result, Ready>(
  options: SupervisorOptions<Job, Result, Ready>,
): Promise<Supervisor<Job, Result, Ready>> {
  let child: Child<Job, Result, Ready> | undefined;
  let isStopped = false;
  /** Of processes that were not well, one after the other. */
  let ends = 0;
  let replacing: Promise<void> = Promise.resolve();

  async function start(): Promise<void> {
    const started = await startChild<Job, Result, Ready>(options.script, options.settings);
    if (isStopped) return started.kill();
    const old = child;
    const since = performance.now();
    child = started;
    started.ended.then(() => {
      if (child !== started || isStopped) return;
      child = undefined;
      ends = performance.now() - since > WELL ? 0 : ends + 1;
      options.onEnded(undefined);
      restart(PAUSES[Math.min(ends, PAUSES.length - 1)]);
    });
    options.onReady(started);
    old?.retire();
  }

  function restart(pause: number): void {
    setTimeout(async () => {
      if (isStopped || child) return;
      try {
        await start();
      } catch (error) {
        if (isStopped) return;
        options.onEnded(error as Error);
        restart(error instanceof ChildEndedError ? PAUSES.at(-1)! : FAILED_START_PAUSE);
      }
    }, pause);
  }

  await start();
  return {
    get child() {
      return child?.isAlive ? child : undefined;
    },
    replace() {
      // One after the other: the last one asked for has the newest files.
      replacing = replacing.catch(() => {}).then(start);
      return replacing;
    },
    stop() {
      isStopped = true;
      child?.kill();
    },
  };
}
