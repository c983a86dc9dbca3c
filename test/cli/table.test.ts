import { expect, it } from 'vitest';
import { formatDuration, formatTable } from '../../src/cli/table.ts';

it('durations read as people say them', () => {
  expect([0.31, 9.99, 42.4, 99.4, 185, 7_800].map(formatDuration)).toEqual([
    '0.3 s',
    '10.0 s',
    '42 s',
    '99 s',
    '3 min 5 s',
    '2 h 10 min',
  ]);
});

it('tables align names to the left and numbers to the right', () => {
  expect(
    formatTable(
      ['name', 'n'],
      [
        ['a', '10'],
        ['longer', '2'],
      ],
    ),
  ).toBe(['name     n', '------  --', 'a       10', 'longer   2'].join('\n'));
});
