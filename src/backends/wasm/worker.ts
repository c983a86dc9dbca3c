/** @file A worker thread, in Node or a browser: runs its share of every command of the ring until the ring is closed. */
import { CommandRing, type RingMemory } from './command-ring.ts';
import { instantiate } from './kernels.ts';
import { programs, programTable, Thread } from './program.ts';
import './operations/index.ts';

/** The one message that a worker gets. */
export interface WorkerSetup {
  readonly memory: WebAssembly.Memory;
  readonly ring: RingMemory;
  readonly module: WebAssembly.Module;
  readonly revectorized: boolean;
  readonly thread: number;
  readonly threads: number;
  /** `programTable` of the main thread. */
  readonly programs: string;
}

if (globalThis.process?.versions?.node) {
  const { parentPort } = process.getBuiltinModule('node:worker_threads');
  parentPort!.once('message', (setup: WorkerSetup) => work(setup, () => parentPort!.postMessage('ready')));
} else {
  self.addEventListener(
    'message',
    ({ data }: MessageEvent<WorkerSetup>) => work(data, () => self.postMessage('ready')),
    { once: true },
  );
}

function work(setup: WorkerSetup, ready: () => void): void {
  const { memory, ring, module, revectorized, thread, threads } = setup;
  if (setup.programs !== programTable())
    throw new Error('it was bundled with other operations than the main thread');
  const commands = new CommandRing(ring, threads);
  const kernels = instantiate(module, memory, revectorized);
  ready();
  try {
    runCommands(commands, new Thread(kernels, thread, threads));
  } catch (error) {
    commands.fail(error instanceof Error ? error.message : String(error));
  }
}

function runCommands(ring: CommandRing, thread: Thread): void {
  for (let number = 0; ; number = (number + 1) | 0) {
    const command = ring.next(number, thread.index);
    if (!command) break;
    if (command.barrier) ring.waitForAllBefore(number);
    const program = programs[command.program];
    const args: Record<string, number> = {};
    for (let k = 0; k < program.names.length; k++) args[program.names[k]] = command.argument(k);
    thread.begin = command.begin;
    thread.end = command.end;
    thread.rewindScratch(command.scratch);
    program.run(thread, args);
    ring.finish(thread.index, number);
  }
}
