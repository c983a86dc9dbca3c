/** CSV with a SMILES column and .smi: quoting, headers, what is refused, where reading goes on. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, readSmi, readSmilesCsv } from '../../../src/formats/index.ts';
import { csvSyntax } from '../../../src/formats/molecules/csv.ts';
import { fixture, readOutcomes } from './files.ts';

describe('CSV', () => {
  it('with a header', () => {
    expect(readSmilesCsv(fixture('qm9.csv'))[1]).toEqual({
      smiles: 'C#N',
      name: 'hydrogen cyanide',
      properties: new Map([
        ['id', '5'],
        ['mu', '2.89369988'],
      ]),
    });
    const [row] = readSmilesCsv('NAME, Canonical_Smiles ,\n,C,1\n');
    expect(row).toEqual({ smiles: 'C', properties: new Map([['column3', '1']]) });
  });

  it('without a header', () => {
    expect(readSmilesCsv('CCO,1\nC,2')).toEqual([
      { smiles: 'CCO', properties: new Map([['column2', '1']]) },
      { smiles: 'C', properties: new Map([['column2', '2']]) },
    ]);
  });

  it('any cells, quoted by RFC 4180', () => {
    const cells = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', ' ', 'é') });
    fc.assert(
      fc.property(fc.array(cells, { maxLength: 5 }), fc.constantFrom('\n', '\r\n'), (values, end) => {
        // A \r before a \n belongs to the line's end, in quotes too.
        const expected = values.map((value) => value.replaceAll('\r\n', '\n'));
        const rows = values.map((value) => `C,"${value.replaceAll('"', '""')}"${end}`);
        const read = readSmilesCsv(`smiles,x${end}${rows.join('')}`);
        expect(read.map(({ properties }) => properties.get('x'))).toEqual(expected);
      }),
    );
  });

  it.each([
    [
      'a quote within a cell',
      'smiles,x\nC,a"b\n',
      'line 2: cell 2 is "a\\"b"; expected quotes around the whole',
    ],
    ['text after quotes', 'smiles,x\nC,"a"b\n', 'line 2: found "b" after cell 2; expected a comma'],
    ['an open quote', 'smiles,x\nC,"a\n', 'line 2: cell 2 has no closing quote'],
    ['a short row', 'smiles,x\nC\n', 'line 2: the row has 1 cells; expected 2, as in the first row'],
    ['a long row', 'smiles,x\nC,1,2\n', 'line 2: the row has 3 cells; expected 2'],
    ['no SMILES', 'smiles,x\n ,1\n', 'line 2: the SMILES cell is empty'],
    ['a column twice', 'smiles,x,x\n', 'line 1: column "x" comes twice'],
  ])('refuses %s', (_, text, message) => {
    expect(() => readSmilesCsv(text)).toThrow(FormatError);
    expect(() => readSmilesCsv(text)).toThrow(message);
  });

  it('goes on at the next line, also after a quote that nothing closes', () => {
    const text = 'smiles,x\nC,"1\nCC,2\nCCC,3\n"CCCC",4\nCC"C,5\nO,"\n';
    const summary = readOutcomes(csvSyntax(), text).map((outcome) =>
      'error' in outcome ? `error at ${outcome.line}` : (outcome.record as { smiles: string }).smiles,
    );
    expect(summary).toEqual(['error at 2', 'CC', 'CCC', 'CCCC', 'error at 6', 'error at 7']);
  });

  it('reads a row of several lines on which a row that failed has ended', () => {
    const text = 'smiles,x\nC,"1\nCC,2\nCCC,"three\n3"\n';
    expect(readOutcomes(csvSyntax(), text)).toMatchObject([
      { error: expect.stringContaining('line 2') },
      { line: 3, record: { smiles: 'CC' } },
      { line: 4, record: { smiles: 'CCC', properties: new Map([['x', 'three\n3']]) } },
    ]);
  });
});

it('.smi: SMILES, then the name', () => {
  expect(readSmi(fixture('qm9.smi'))[1]).toEqual({
    smiles: 'C#N',
    name: 'hydrogen cyanide',
    properties: new Map(),
  });
  expect(readSmi('C\n\n  CC  ethane \n')).toEqual([
    { smiles: 'C', properties: new Map() },
    { smiles: 'CC', name: 'ethane', properties: new Map() },
  ]);
  expect(readSmi('C a\u2028b\rc')[0]!.name).toBe('a\u2028b\rc');
});
