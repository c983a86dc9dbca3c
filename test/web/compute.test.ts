/** @file The compute worker's protocol, both sides of it over a real message channel: results, progress, errors, aborts. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/index.ts';
import { createCompute } from '../../web/src/compute/client.ts';
import type { ComputeContext } from '../../web/src/compute/context.ts';
import { createJobs } from '../../web/src/compute/jobs.ts';
import type { Request } from '../../web/src/compute/messages.ts';
import { transferables } from '../../web/src/compute/transfer.ts';

const kept = Float32Array.of(1, 2, 3);
const seen: string[] = [];

const functions = {
  double: (values: number[]) => values.map((value) => 2 * value),
  copy: () => ({ nested: [{ array: kept.slice() }], same: kept.length }),
  engine: async (_: unknown, { engine }: ComputeContext) => (await engine()).backend.threads,
  async count(to: number, { progress, pause, signal }: ComputeContext) {
    for (let k = 0; k < to && !signal.aborted; k++) {
      progress(k);
      await pause();
    }
    seen.push(signal.aborted ? 'aborted' : 'finished');
    return to;
  },
  fail() {
    throw Object.assign(new RangeError('C[1][1] must be a finite number; got NaN'), { odd: () => {} });
  },
  unclonable: () => () => {},
};

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
  seen.length = 0;
});

let startedEngines = 0;

function connect() {
  const { port1, port2 } = new MessageChannel();
  const handle = createJobs({
    async startEngine() {
      startedEngines++;
      if (startedEngines === 1) throw new Error('out of memory');
      return { backend: { name: 'wasm', description: 'a test', threads: 2 } } as Engine;
    },
    async load(view) {
      if (view !== 'test') throw new Error(`there is no views/${view}/compute.ts`);
      return functions;
    },
    send: (reply, transfer) => port2.postMessage(reply, transfer),
  });
  port2.addEventListener('message', ({ data }) => void handle(data as Request));
  port2.start();
  ends.push(() => port1.close());
  return createCompute(() => {
    port1.start();
    return port1 as unknown as Worker;
  });
}

describe('a call', () => {
  test('returns what the function returns', async () => {
    expect(await connect().call('test', 'double', [1, 2])).toEqual([2, 4]);
  });

  test('gets typed arrays, and leaves the worker its own', async () => {
    const compute = connect();
    for (let k = 0; k < 2; k++)
      expect(await compute.call('test', 'copy')).toEqual({
        nested: [{ array: Float32Array.of(1, 2, 3) }],
        same: 3,
      });
  });

  test('hears of progress in order', async () => {
    const heard: unknown[] = [];
    await connect().call('test', 'count', 5, { onProgress: (value) => heard.push(value) });
    expect(heard).toEqual([0, 1, 2, 3, 4]);
  });

  test('fails with the name and the message of what was thrown', async () => {
    await expect(connect().call('test', 'fail')).rejects.toMatchObject({
      name: 'RangeError',
      message: 'C[1][1] must be a finite number; got NaN',
    });
  });

  test.each([
    ['test', 'nothing', 'views/test/compute.ts has no function nothing'],
    ['none', 'double', 'there is no views/none/compute.ts'],
    ['test', 'unclonable', 'could not be cloned'],
  ])('of %s.%s fails: %s', async (view, name, message) => {
    await expect(connect().call(view, name)).rejects.toThrow(message);
  });

  test('with an argument that cannot be cloned fails', async () => {
    await expect(connect().call('test', 'double', () => {})).rejects.toThrow('could not be cloned');
  });

  test('that is aborted fails at once with the reason, and the function is told', async () => {
    const compute = connect();
    const controller = new AbortController();
    let heard = 0;
    const call = compute.call('test', 'count', 1e9, {
      signal: controller.signal,
      onProgress() {
        if (++heard === 3) controller.abort(new Error('enough'));
      },
    });
    await expect(call).rejects.toThrow('enough');
    expect(heard).toBe(3);
    await expect.poll(() => seen).toEqual(['aborted']);
    expect(await compute.call('test', 'double', [1])).toEqual([2]);
  });

  test('whose signal is aborted already does not start', async () => {
    await expect(connect().call('test', 'count', 1, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(seen).toEqual([]);
  });

  test('does not hold up another one', async () => {
    const compute = connect();
    const controller = new AbortController();
    const long = compute.call('test', 'count', 1e9, { signal: controller.signal });
    expect(await compute.call('test', 'double', [3])).toEqual([6]);
    controller.abort();
    await expect(long).rejects.toThrow();
  });
});

test('the engine is started once, and again after a failure', async () => {
  startedEngines = 0;
  const compute = connect();
  await expect(compute.info()).rejects.toThrow('out of memory');
  expect(await compute.info()).toEqual({ name: 'wasm', backend: 'a test', threads: 2 });
  expect(await compute.call('test', 'engine')).toBe(2);
  expect(startedEngines).toBe(2);
});

test('memory that moves: each buffer once, shared memory and loops left alone', () => {
  const array = new Float32Array(4);
  const loop: Record<string, unknown> = {
    array,
    again: array.subarray(1),
    map: new Map([['key', new Uint8Array(2)]]),
    shared: new Uint8Array(new SharedArrayBuffer(2)),
    text: 'text',
    nothing: null,
  };
  loop.itself = loop;
  expect(transferables(loop)).toEqual([
    array.buffer,
    (loop.map as Map<string, Uint8Array>).get('key')!.buffer,
  ]);
});
