// What a report keeps of a measurement: nothing is lost from the counts, and what is kept is in the data.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evenlySpaced, summariseRegression, worstOf } from '../../src/report/measurement.ts';

const about = { name: 'mu', unit: 'D', description: 'norm of the dipole moment' };
const value = fc.integer({ min: -1e6, max: 1e6 }).map((whole) => whole / 128);
const pairs = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 200 });
const columns = (rows: readonly (readonly [number, number])[]) =>
  [rows.map(([truth]) => truth), rows.map(([, predicted]) => predicted)] as const;

describe('a summary of predictions', () => {
  it('counts every error once, inside or outside', () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const { errors, count } = summariseRegression(about, ...columns(rows), 50);
        expect(errors.counts.reduce((sum, bin) => sum + bin, errors.outside)).toBe(rows.length);
        expect(count).toBe(rows.length);
        expect(errors.outside).toBeLessThanOrEqual(Math.ceil(rows.length / 100));
        expect(errors.to).toBe(-errors.from);
      }),
    );
  });

  it('has rising quantiles from the smallest error to the largest, and a mean between them', () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const { quantiles, meanAbsoluteError, rootMeanSquaredError } = summariseRegression(
          about,
          ...columns(rows),
          50,
        );
        const sizes = rows.map(([truth, predicted]) => Math.abs(predicted - truth));
        expect(quantiles).toHaveLength(101);
        expect([...quantiles].sort((a, b) => a - b)).toEqual(quantiles);
        const near = (found: number, expected: number) =>
          expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-4 * Math.abs(expected));
        near(quantiles[0], Math.min(...sizes));
        near(quantiles[100], Math.max(...sizes));
        near(meanAbsoluteError, sizes.reduce((sum, size) => sum + size, 0) / sizes.length);
        expect(rootMeanSquaredError).toBeGreaterThanOrEqual(meanAbsoluteError * (1 - 1e-4));
      }),
    );
  });

  it('puts an error of zero into the middle bin, also where there is no other', () => {
    const { errors } = summariseRegression(about, [1, 2, 3], [1, 2, 3], 10);
    expect(errors.counts[(errors.counts.length - 1) / 2]).toBe(3);
  });

  it('keeps at most so many points, each one of the data', () => {
    const truth = Array.from({ length: 1_000 }, (_, k) => k);
    const summary = summariseRegression(
      about,
      truth,
      truth.map((number) => number + 1),
      64,
    );
    expect(summary.truth).toHaveLength(64);
    for (const [k, number] of summary.truth.entries()) expect(summary.predicted[k]).toBe(number + 1);
  });

  it.each([
    [[], [], 'mu: 0 true and 0 predicted values'],
    [[1, 2], [1], 'mu: 2 true and 1 predicted values'],
  ])('refuses %j against %j', (truth, predicted, message) => {
    expect(() => summariseRegression(about, truth, predicted, 10)).toThrow(new RangeError(message));
  });
});

it('evenly spaced rows are different, ascending and in range', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), (count, most) => {
      const rows = evenlySpaced(count, most);
      expect(rows).toHaveLength(Math.min(count, most));
      for (const [k, row] of rows.entries()) expect(row).toBeGreaterThan(k === 0 ? -1 : rows[k - 1]);
      expect(rows.at(-1) ?? -1).toBeLessThan(count);
    }),
  );
});

it('the worst are those that nothing left out exceeds, the worst first', () => {
  fc.assert(
    fc.property(fc.array(value), fc.nat(20), (errors, count) => {
      const worst = worstOf(errors, count).map((row) => errors[row]);
      expect(worst).toEqual(errors.toSorted((a, b) => b - a).slice(0, count));
    }),
  );
});
