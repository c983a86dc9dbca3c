/** @file Lets a test run the program on the page and in a worker. */
import { compute } from './program.js';

window.compute = compute;
window.computeInWorker = (options) => {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  return new Promise((resolve, reject) => {
    worker.addEventListener('message', ({ data }) => {
      worker.terminate();
      if (data.error) reject(new Error(data.error));
      else resolve(data.result);
    });
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    worker.postMessage(options);
  });
};
