/** @file A worker thread: runs its share of every command of the ring until the ring is closed. */
import { parentPort, workerData } from 'node:worker_threads';
import { CommandRing, type RingMemory } from './command-ring.ts';
import { instantiate } from './kernels.ts';
import { programs, Thread } from './program.ts';
import './operations/index.ts';

export interface WorkerSetup {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly revectorized: boolean;
  readonly ring: RingMemory;
  readonly thread: number;
  readonly threads: number;
}

const setup = workerData as WorkerSetup;
const ring = new CommandRing(setup.ring, setup.threads);
const thread = new Thread(
  instantiate(setup.module, setup.memory, setup.revectorized),
  setup.thread,
  setup.threads,
);
parentPort!.postMessage('ready');

try {
  for (let number = 0; ; number++) {
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
} catch (error) {
  ring.fail(error instanceof Error ? error.message : String(error));
}
