/** @file The compute worker: the engine lives here, and the views' functions are loaded when first called. */
import { startEngine } from 'egnn';
import { createJobs } from './jobs.ts';
import type { Request } from './messages.ts';

const modules = import.meta.glob<Record<string, unknown>>('../views/*/compute.ts');

const handle = createJobs({
  startEngine: () => startEngine(),
  async load(view) {
    const module = modules[`../views/${view}/compute.ts`];
    if (!module) throw new Error(`there is no views/${view}/compute.ts`);
    return await module();
  },
  send: (reply, transfer) => self.postMessage(reply, { transfer }),
});

self.addEventListener('message', (event: MessageEvent<Request>) => void handle(event.data));
