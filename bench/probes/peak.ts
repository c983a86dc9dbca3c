/**
 * @file What the hardware gives at most here: the matrix product of our kernels, 96 rows by 64 by 64, which stays in
 * the nearest cache, on every thread at once (`peak.ts THREADS`). Each thread's best stretch counts.
 */
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { instantiate } from '../../dist/backends/wasm/kernels.js';
import { chooseVariant, type Variant } from '../../dist/backends/wasm/variant.js';

const [ROWS, WIDTH] = [96, 64];
const STRETCHES = 60;
const STRETCH_MS = 20;

async function bestGflops(): Promise<number> {
  const { module, variant } = await chooseVariant(process.env.EGNN_WASM as Variant | undefined);
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 65536, shared: true });
  const { matmul } = instantiate(module, memory, variant === 'revectorized');
  new Float32Array(memory.buffer, 8192).fill(0.5);
  const [x, weight, y] = [8192, 65536, 131072];
  let best = 0;
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    let products = 0;
    let elapsed = 0;
    const start = performance.now();
    for (; elapsed < STRETCH_MS; elapsed = performance.now() - start)
      for (let k = 0; k < 100; k++, products++) matmul(x, weight, 0, y, ROWS, WIDTH, WIDTH);
    best = Math.max(best, (2 * ROWS * WIDTH * WIDTH * products) / elapsed / 1e6);
  }
  return best;
}

if (isMainThread) {
  const threads = Number(process.argv[2]);
  const speeds = await Promise.all(
    Array.from({ length: threads }, () => {
      const worker = new Worker(new URL(import.meta.url));
      return new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
    }),
  );
  console.log(JSON.stringify({ gflops: speeds.reduce((sum, speed) => sum + speed, 0) }));
} else parentPort!.postMessage(await bestGflops());
