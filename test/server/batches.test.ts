// The queue of the server: the order in which items of many requests are computed, and in which batches.
import { describe, expect, it } from 'vitest';
import { createBatcher } from '../../src/server/batches.ts';
import type { Batch, BatchResult, Item } from '../../src/server/messages.ts';

const itemOf = (label: string) => ({ label }) as unknown as Item;
const labels = (batch: Batch) => batch.items.map((item) => (item as unknown as { label: string }).label);
const answers = (batch: Batch): BatchResult => labels(batch).map((json) => ({ json }));

/** A process that computes one batch after the other, when it is told to. */
function handPowered() {
  const sent: { batch: Batch; finish: (result: BatchResult) => void; fail: (error: Error) => void }[] = [];
  const batcher = createBatcher({
    compute: () => (batch) =>
      new Promise((finish, fail) => {
        sent.push({ batch, finish, fail });
      }),
  });
  const never = new AbortController().signal;
  return {
    sent,
    batcher,
    ask(name: string, items: number, work: number, { model = 'm', signal = never } = {}) {
      const all = Array.from({ length: items }, (_, k) => itemOf(`${name}${k}`));
      const batch: Batch = { model, kind: 'molecules', items: all };
      return batcher.predict(batch, Array(items).fill(work), signal);
    },
    /** Waits for the next batch, and answers it. */
    async next(): Promise<string[]> {
      while (sent.length === 0) await new Promise(setImmediate);
      const { batch, finish } = sent.shift()!;
      finish(answers(batch));
      await new Promise(setImmediate);
      return labels(batch);
    },
  };
}

describe('batches', () => {
  it('hold what waits, in the order of arrival', async () => {
    const { ask, next } = handPowered();
    const results = [ask('a', 1, 100), ask('b', 2, 100), ask('c', 1, 100)];
    expect(await next()).toEqual(['a0', 'b0', 'b1', 'c0']);
    expect(await Promise.all(results)).toEqual([
      [{ json: 'a0' }],
      [{ json: 'b0' }, { json: 'b1' }],
      [{ json: 'c0' }],
    ]);
  });

  it('a request of many batches lets others in between', async () => {
    const { ask, next, batcher } = handPowered();
    const long = ask('long', 6, 40_000);
    expect(await next()).toEqual(['long0']);
    const short = [ask('a', 1, 10), ask('b', 1, 10)];
    // Two were on their way already.
    const order = [await next(), await next(), await next()];
    expect(order).toEqual([['long1'], ['long2'], ['a0', 'b0']]);
    await Promise.all(short);
    expect(batcher.waiting).toBeLessThanOrEqual(4);
    for (const k of [3, 4, 5]) expect(await next()).toEqual([`long${k}`]);
    expect(await long).toHaveLength(6);
  });

  it('no model waits for all that another one has to do', async () => {
    const { ask, next } = handPowered();
    const first = ask('x', 4, 40_000, { model: 'x' });
    const other = ask('y', 1, 40_000, { model: 'y' });
    const order = [await next(), await next(), await next(), await next(), await next()].flat();
    expect(order.indexOf('y0')).toBeLessThanOrEqual(2);
    await Promise.all([first, other]);
  });

  it('an item beyond the size of a batch goes alone', async () => {
    const { ask, next } = handPowered();
    const results = [ask('small', 1, 10), ask('huge', 1, 1e6), ask('tiny', 1, 10)];
    expect(await next()).toEqual(['small0']);
    expect(await next()).toEqual(['huge0']);
    expect(await next()).toEqual(['tiny0']);
    await Promise.all(results);
  });

  it('what was given up, or has failed, is not computed', async () => {
    const { ask, next, sent, batcher } = handPowered();
    const controller = new AbortController();
    const failing = ask('failing', 4, 40_000).catch((error) => error.message);
    while (sent.length < 2) await new Promise(setImmediate);
    const given = ask('given', 1, 10, { signal: controller.signal }).catch((error) => error.message);
    controller.abort(new Error('gone'));
    sent.shift()!.fail(new Error('ended'));
    expect([await failing, await given]).toEqual(['ended', 'gone']);
    await next();
    const last = ask('last', 1, 10);
    expect(await next()).toEqual(['last0']);
    await last;
    expect(batcher.waiting).toBe(0);
  });
});
