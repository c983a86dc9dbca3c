/** Runs the cases of one reader until it is stopped; the main thread watches from the shared numbers. */
import { parentPort, workerData } from 'node:worker_threads';
import { isRefusal } from './models.ts';
import { mutate } from './mutate.ts';
import { READERS } from './readers.ts';

export interface Work {
  reader: string;
  seed: number;
  first: number;
  /** Cases begun, accepted, rejected with FormatError, and found: see COUNT. */
  counts: Int32Array<SharedArrayBuffer>;
}

export const COUNT = { begun: 0, accepted: 1, rejected: 2, found: 3, stop: 4, length: 5 } as const;

export interface Finding {
  number: number;
  what: string;
}

/** No case may raise the memory of the process by more. */
const MAX_KILOBYTES = 512 * 1024;

async function run({ reader, seed, first, counts }: Work): Promise<void> {
  const chosen = READERS.find(({ name }) => name === reader)!;
  const { corpus, read } = chosen;
  const files = corpus();
  for (let number = first; counts[COUNT.stop] === 0; number++) {
    const file = mutate(files, seed, number);
    const before = process.resourceUsage().maxRSS;
    Atomics.store(counts, COUNT.begun, number + 1);
    let finding: string | undefined;
    try {
      // Without a wait, what goes on after reading would pile up until the worker is out of memory.
      const reading = read(file);
      if (reading instanceof Promise) await reading;
      counts[COUNT.accepted]!++;
    } catch (error) {
      if (isRefusal(chosen, error)) counts[COUNT.rejected]!++;
      else finding = String((error as Error).stack ?? error);
    }
    const grown = process.resourceUsage().maxRSS - before;
    if (grown > MAX_KILOBYTES) finding ??= `memory: ${Math.round(grown / 1024)} MB more`;
    if (finding === undefined) continue;
    counts[COUNT.found]!++;
    parentPort!.postMessage({ number, what: finding } satisfies Finding);
  }
}

if (parentPort !== null) await run(workerData as Work);
