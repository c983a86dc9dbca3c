/** @file Runs the program where a page may wait for threads. */
import { compute } from './program.js';

self.addEventListener('message', async ({ data }) => {
  try {
    self.postMessage({ result: await compute(data) });
  } catch (error) {
    self.postMessage({ error: error.message });
  }
});
