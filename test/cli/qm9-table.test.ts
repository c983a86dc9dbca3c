// The paper's table 3 with a column of our own.
import { expect, it } from 'vitest';
import { formatQM9Table, paperErrors, ratioToPaper } from '../../src/cli/qm9-table.ts';

it("the ratio is the geometric mean over the paper's EGNN, of the targets that there are", () => {
  expect(ratioToPaper(paperErrors)).toBe(1);
  expect(ratioToPaper({ gap: 96, mu: 0.029 / 8 })).toBeCloseTo(0.5, 12);
});

it('one row a target, the units and figures of the paper', () => {
  expect(formatQM9Table({ U0: 123.4, mu: 0.02948 })).toBe(
    [
      'target  unit    here   EGNN   NMP  SchNet  Cormorant  L1Net  LieConv  DimeNet++    TFN  SE(3)-Tr.',
      '------  ----  ------  -----  ----  ------  ---------  -----  -------  ---------  -----  ---------',
      'mu         D  0.0295  0.029  0.03   0.033      0.038  0.043    0.032       0.03  0.064      0.051',
      'U0       meV     123     11    20      14         22     13       19          6      -          -',
    ].join('\n'),
  );
  expect(formatQM9Table({ zpve: 1.5 }, { zpve: 1.6 })).toMatch(
    /validation +test +EGNN[\s\S]*meV +1\.60 +1\.50 +1\.55/,
  );
});
