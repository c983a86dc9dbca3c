// Losses drawn with letters.
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { drawLossCurve, sparkline } from '../../src/cli/loss-curve.ts';
import { Reporter } from '../../src/cli/reporter.ts';
import { metricsOf } from '../report/runs.ts';

const plain = { columns: 80, colours: false };
const withLosses = (losses: readonly number[]) =>
  metricsOf(losses.length).map((metrics, k) => ({ ...metrics, loss: losses[k] }));

describe('the curve', () => {
  it('fits into the terminal, whatever the losses', () => {
    const losses = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), {
      minLength: 2,
      maxLength: 200,
    });
    fc.assert(
      fc.property(losses, fc.integer({ min: 52, max: 200 }), (values, columns) => {
        const lines = drawLossCurve(withLosses(values), { columns, colours: false });
        expect(lines).toHaveLength(11);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('falls from the upper left to the lower right', () => {
    const falling = withLosses([8, 7, 6, 5, 4, 3, 2, 1]).map((metrics) => ({ ...metrics, validation: null }));
    const rows = drawLossCurve(falling, plain)
      .slice(0, 8)
      .map((line) => line.slice(line.indexOf('│') + 1));
    const first = rows.map((row) => row.search(/[^ ]/));
    expect(first[0]).toBe(0);
    expect(first).toEqual(first.toSorted((a, b) => a - b));
    expect(rows[7].trimEnd().length).toBeGreaterThan(60);
  });

  it('has a mark for each validation, the range at its side, and colours on request alone', () => {
    const metrics = metricsOf(10);
    const text = drawLossCurve(metrics, plain).join('\n');
    expect(text.match(/o(?=[^\n]*$)/gm)).not.toBeNull();
    expect(text).toContain('epoch 1');
    expect(text).toMatch(/^ +1 │/);
    expect(text).not.toContain('\x1b');
    expect(drawLossCurve(metrics, { ...plain, colours: true }).join('')).toContain('\x1b[34m');
  });

  it('needs two epochs and some room', () => {
    expect(drawLossCurve(metricsOf(1), plain)).toEqual([]);
    expect(drawLossCurve(metricsOf(5), { columns: 51, colours: false })).toEqual([]);
  });
});

describe('bars', () => {
  it('are at most twelve; the greatest loss has the highest, the least the lowest', () => {
    const losses = fc.uniqueArray(fc.integer({ min: 1, max: 1e6 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(losses, (values) => {
        const bars = sparkline(values);
        expect(bars).toHaveLength(values.length);
        expect(bars[values.indexOf(Math.max(...values))]).toBe('█');
        expect(bars[values.indexOf(Math.min(...values))]).toBe('▁');
      }),
    );
    expect(sparkline(Array.from({ length: 500 }, (_, k) => 500 - k))).toMatch(/^█[▁▂▃▄▅▆▇█]{10}▁$/);
    expect(sparkline([1])).toBe('');
  });
});

describe('the reporter', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    Reflect.deleteProperty(process.stdout, 'isTTY');
  });

  it.each([
    ['text', true, true],
    ['text', false, false],
    ['quiet', true, false],
    ['json', true, false],
  ] as const)('in mode %s, on a terminal: %s, draws it: %s', (mode, isTTY, drawn) => {
    Object.defineProperty(process.stdout, 'isTTY', { value: isTTY, configurable: true });
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    new Reporter(mode).curve(metricsOf(5));
    expect(written.mock.calls.length > 0).toBe(drawn);
  });
});
