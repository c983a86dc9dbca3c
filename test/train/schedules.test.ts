import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cosineSchedule,
  namedSchedule,
  scheduleNames,
  stepSchedule,
  warmUpSchedule,
} from '../../src/train/schedules.ts';

const progress = fc.double({ min: 0, max: 1, noNaN: true });

describe('schedules', () => {
  it('stay within [0, 1] on the whole run', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...scheduleNames),
        fc.constantFrom(0, 0.1, 0.5),
        progress,
        (name, warmUp, p) => {
          const factor = namedSchedule(name, warmUp)(p);
          expect(factor).toBeGreaterThanOrEqual(0);
          expect(factor).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('are refused by a name that none has, and with a warm-up that does not end', () => {
    for (const name of ['x', 'toString'])
      expect(() => namedSchedule(name as never)).toThrow(
        `schedule must be one of constant, cosine, step; got "${name}"`,
      );
    for (const warmUp of [-0.1, 1, Number.NaN])
      expect(() => namedSchedule('cosine', warmUp)).toThrow(`invalid fraction; not in [0, 1): ${warmUp}`);
  });

  it('cosine falls from 1 through the middle to its floor', () => {
    const schedule = cosineSchedule(0.1);
    expect(schedule(0)).toBe(1);
    expect(schedule(0.5)).toBeCloseTo(0.55, 12);
    expect(schedule(1)).toBeCloseTo(0.1, 12);
  });

  it('step multiplies at each milestone', () => {
    const schedule = stepSchedule([0.5, 0.75], 0.1);
    expect([0, 0.49, 0.5, 0.74, 0.75, 1].map(schedule)).toEqual([1, 1, 0.1, 0.1, 0.1 ** 2, 0.1 ** 2]);
  });

  it('warm-up rises in a line, then plays the other from its beginning to its end', () => {
    const schedule = warmUpSchedule(0.2, cosineSchedule());
    expect(schedule(0)).toBe(0);
    expect(schedule(0.1)).toBeCloseTo(0.5, 12);
    expect(schedule(0.2)).toBe(1);
    expect(schedule(0.6)).toBeCloseTo(0.5, 12);
    expect(schedule(1)).toBeCloseTo(0, 12);
    expect(() => warmUpSchedule(1, cosineSchedule())).toThrow('invalid fraction; not in [0, 1): 1');
  });
});
