/** @file A worker thread: runs its share of every command of the ring until the ring is closed. */
import { parentPort, workerData } from 'node:worker_threads';
import { CommandRing, type RingMemory } from './command-ring.ts';
import { instantiate } from './kernels.ts';
import { programs, Thread } from './program.ts';
import './operations/index.ts';

export interface WorkerSetup {
  readonly memory: WebAssembly.Memory;
  readonly ring: RingMemory;
  readonly thread: number;
  readonly threads: number;
}

/** What the main thread sends once it has chosen a build. */
export interface WorkerKernels {
  readonly module: WebAssembly.Module;
  readonly revectorized: boolean;
}

const setup = workerData as WorkerSetup;
const ring = new CommandRing(setup.ring, setup.threads);

parentPort!.once('message', ({ module, revectorized }: WorkerKernels) => {
  const kernels = instantiate(module, setup.memory, revectorized);
  parentPort!.postMessage('ready');
  try {
    runCommands(new Thread(kernels, setup.thread, setup.threads));
  } catch (error) {
    ring.fail(error instanceof Error ? error.message : String(error));
  }
});

function runCommands(thread: Thread): void {
  for (let number = 0; ; number = (number + 1) | 0) {
    const command = ring.next(number, setup.thread);
    if (!command) break;
    if (command.barrier) ring.waitForAllBefore(number);
    const program = programs[command.program];
    const args: Record<string, number> = {};
    for (let k = 0; k < program.names.length; k++) args[program.names[k]] = command.argument(k);
    thread.begin = command.begin;
    thread.end = command.end;
    thread.rewindScratch(command.scratch);
    program.run(thread, args);
    ring.finish(setup.thread, number);
  }
}
