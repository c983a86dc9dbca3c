// Which backend runs, and why: what can be asked for, what is refused, and what is said when WebAssembly does not run.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { variants } from '../../src/backends/wasm/variant.ts';
import { startEngine } from '../../src/start-engine.ts';
import { square } from '../../src/tensor/operations/index.ts';
import { engines } from '../support/engines.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const runnable = variants.filter((variant) => engines.some(({ name }) => name.startsWith(`wasm ${variant}`)));

test('the fastest build that runs is chosen, on as many threads as asked for', async () => {
  vi.stubEnv('EGNN_WASM', undefined);
  const engine = await startEngine({ threads: 2 });
  expect(engine.backend).toMatchObject({ name: 'wasm', precision: 'float32', threads: 2 });
  expect(engine.backend.description).toMatch(`WebAssembly SIMD, ${runnable[0]} build (the fastest`);
  expect(engine.backend.description).toMatch('2 threads');
  engine.close();
});

test('the reference runs if asked for', async () => {
  const { backend } = await startEngine({ backend: 'reference', threads: 4 });
  expect(backend).toMatchObject({ name: 'reference', precision: 'float64', threads: 1 });
});

test.each(['webgpu', 'WASM', ''])('a backend called %j is refused', async (backend) => {
  await expect(startEngine({ backend: backend as never })).rejects.toThrow(
    `backend must be one of wasm, reference; got ${backend}`,
  );
});

test.each([0, -1, 1.5, 65, Number.NaN, '2'])('%j threads are refused', async (threads) => {
  await expect(startEngine({ threads: threads as number })).rejects.toThrow(
    `threads must be an integer from 1 to 64; got ${threads}`,
  );
});

test('an option that there is not is refused', async () => {
  await expect(startEngine({ thread: 1 } as never)).rejects.toThrow(
    'startEngine has no option thread; it has backend, threads',
  );
});

describe('EGNN_WASM', () => {
  test.each(runnable)('insists on %s', async (variant) => {
    vi.stubEnv('EGNN_WASM', variant);
    const engine = await startEngine({ threads: 1 });
    expect(engine.backend.description).toBe(`WebAssembly SIMD, ${variant} build (asked for), 1 thread`);
    engine.close();
  });

  test('refuses what it does not know, and does not fall back', async () => {
    vi.stubEnv('EGNN_WASM', 'fast');
    await expect(startEngine()).rejects.toThrow(
      'EGNN_WASM must be one of revectorized, relaxed, simd; got fast',
    );
  });

  test('means nothing when empty', async () => {
    vi.stubEnv('EGNN_WASM', '');
    const engine = await startEngine({ threads: 1 });
    expect(engine.backend.name).toBe('wasm');
    engine.close();
  });

  test('does not disturb the reference', async () => {
    vi.stubEnv('EGNN_WASM', 'fast');
    expect((await startEngine({ backend: 'reference' })).backend.name).toBe('reference');
  });
});

describe('where WebAssembly SIMD does not run', () => {
  const withoutSimd = () => vi.spyOn(WebAssembly, 'validate').mockReturnValue(false);

  test('the reference runs, says why, and computes', async () => {
    vi.stubEnv('EGNN_WASM', undefined);
    withoutSimd();
    const engine = await startEngine();
    expect(engine.backend.name).toBe('reference');
    expect(engine.backend.description).toMatch(
      /^plain TypeScript in float64, because no WebAssembly kernels run here \(.*simd: no WebAssembly SIMD here\)$/,
    );
    expect([...(await engine.step(() => square(engine.tensor([3], 1, 1)).read()))]).toEqual([9]);
  });

  test('insisting on it is an error', async () => {
    withoutSimd();
    await expect(startEngine({ backend: 'wasm' })).rejects.toThrow('no WebAssembly SIMD here');
    vi.stubEnv('EGNN_WASM', 'simd');
    await expect(startEngine()).rejects.toThrow('no WebAssembly SIMD here');
  });
});

describe('a program of its own', () => {
  const program = new URL('../../dist/index.js', import.meta.url).href;
  const run = (lines: string) =>
    promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', `import * as egnn from '${program}';\n${lines}`],
      {
        timeout: 30_000,
      },
    );
  const work = `
    const engine = await egnn.startEngine({ threads: 3 });
    const model = new egnn.EGNN(engine, { inputFeatures: 1 });
    const { x } = await model.predict({ X: [[1], [2]], C: [[1], [3]] });`;

  test('ends after engine.close()', async () => {
    const { stdout } = await run(`${work}\nengine.close();\nconsole.log(x.length);`);
    expect(stdout.trim()).toBe('2');
  });

  test('ends without it, too: idle threads keep nothing alive', async () => {
    const { stdout } = await run(`${work}\nconsole.log(x.length);`);
    expect(stdout.trim()).toBe('2');
  });

  test('has its threads, though it is given on the command line', async () => {
    const { stdout } = await run(`${work}\nconsole.log(engine.backend.name, engine.backend.threads);`);
    expect(stdout.trim()).toBe('wasm 3');
  });

  test('closing twice does no harm', async () => {
    const { stdout } = await run(`${work}\nengine.close();\nengine.close();\nconsole.log('closed');`);
    expect(stdout.trim()).toBe('closed');
  });
});
