/** @file The settings of a view in its address: any text comes back, writes are gathered, changes from outside are told. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createUrlState, formatAddress, parseAddress } from '../../web/src/url-state.ts';

test('an address comes back from its text, whatever the settings hold', () => {
  const name = fc.stringMatching(/^[a-z]*$/);
  const settings = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }));
  fc.assert(
    fc.property(name, settings, (view, values) => {
      const address = { view, settings: new URLSearchParams(Object.entries(values)) };
      const read = parseAddress(formatAddress(address));
      expect(read.view).toBe(view);
      expect(Object.fromEntries(read.settings)).toEqual(Object.fromEntries(address.settings));
    }),
  );
});

test.each([
  ['', '', {}],
  ['#', '', {}],
  ['#/', '', {}],
  ['#nbody', 'nbody', {}],
  ['#/nbody/', 'nbody', {}],
  ['#/nbody?a=1&b=x%20y', 'nbody', { a: '1', b: 'x y' }],
  ['#/nbody?a=what?', 'nbody', { a: 'what?' }],
])('%j', (hash, view, settings) => {
  const read = parseAddress(hash);
  expect(read.view).toBe(view);
  expect(Object.fromEntries(read.settings)).toEqual(settings);
});

describe('the state of a view', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function create(hash: string) {
    const written: string[] = [];
    const leave = new AbortController();
    const state = createUrlState(parseAddress(hash), (address) => written.push(address), leave.signal);
    return { state, written, leave };
  }

  test('is read at once, and written once for many changes', () => {
    const { state, written } = create('#/nbody?seed=1&kept=yes');
    for (let seed = 2; seed < 50; seed++) {
      state.set({ seed: String(seed) });
      expect(state.get('seed')).toBe(String(seed));
    }
    expect(written).toEqual([]);
    vi.runAllTimers();
    expect(written).toEqual(['#/nbody?seed=49&kept=yes']);
  });

  test('forgets a setting that is undefined, and writes nothing where nothing changed', () => {
    const { state, written } = create('#/nbody?seed=1');
    state.set({ seed: undefined });
    expect(state.get('seed')).toBeUndefined();
    vi.runAllTimers();
    expect(written).toEqual(['#/nbody']);
    state.set({ seed: undefined });
    vi.runAllTimers();
    expect(written).toEqual(['#/nbody']);
  });

  test('is written when the view is left, and not afterwards', () => {
    const { state, written, leave } = create('#/nbody');
    state.set({ seed: '7' });
    leave.abort();
    expect(written).toEqual(['#/nbody?seed=7']);
    vi.runAllTimers();
    expect(written).toHaveLength(1);
  });

  test('tells of a change from outside, which wins over one that was not written yet', () => {
    const { state, written } = create('#/nbody?seed=1');
    const told: (string | undefined)[] = [];
    const ending = new AbortController();
    state.onChange(() => told.push(state.get('seed')), ending.signal);
    state.set({ seed: '2' });
    expect(told).toEqual([]);
    state.replace(new URLSearchParams('seed=3'));
    vi.runAllTimers();
    expect([told, written]).toEqual([['3'], []]);
    ending.abort();
    state.replace(new URLSearchParams('seed=4'));
    expect(told).toEqual(['3']);
  });
});
