/** @file Measures where a page may wait for threads. */
import { measureTraining } from './training.js';

self.addEventListener('message', async ({ data }) => {
  self.postMessage(await measureTraining(data));
});
