/** xyz and extended xyz: the grammar, round trips to the last bit, what is refused, where reading goes on. */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, readXyz, writeXyz } from '../../../src/formats/index.ts';
import { xyzSyntax } from '../../../src/formats/molecules/xyz.ts';
import { fixture, readOutcomes, xyzMolecules } from './files.ts';

const frame = (comment: string, ...atoms: string[]) => `${atoms.length}\n${comment}\n${atoms.join('\n')}\n`;

describe('reading', () => {
  it('extended xyz', () => {
    const [water, , acetaldehyde] = readXyz(fixture('qm9.xyz'));
    expect(water).toEqual({
      name: 'water',
      numbers: Uint8Array.of(8, 1, 1),
      positions: Float64Array.of(
        -0.03436,
        0.97754,
        0.007602,
        0.064766,
        0.020572,
        0.001535,
        0.87179,
        1.300792,
        0.000693,
      ),
      properties: new Map([
        ['mu', 1.85109997],
        ['U0', -76.4047012],
      ]),
      columns: new Map(),
    });
    expect(acetaldehyde!.numbers).toEqual(Uint8Array.of(6, 6, 8, 1, 1, 1, 1));
  });

  it('plain xyz: symbols in any case or numbers, Fortran exponents, tabs, what follows the position', () => {
    const text = frame(
      'a comment, E = -1',
      'CL 1.0D-5 -2d+1 .5',
      '\tcl\t1.5-103\t+3.\t0',
      '17 1 2 3 0.5 note',
    );
    expect(readXyz(text)).toEqual([
      {
        name: 'a comment, E = -1',
        numbers: Uint8Array.of(17, 17, 17),
        positions: Float64Array.of(1e-5, -20, 0.5, 1.5e-103, 3, 0, 1, 2, 3),
        properties: new Map(),
        columns: new Map(),
      },
    ]);
  });

  it('a comment of nothing but pairs, without Properties', () => {
    const [molecule] = readXyz(frame('energy=-1.5 charge=1 state="s 1"', 'H 0 0 0'));
    expect(molecule).toMatchObject({
      charge: 1,
      properties: new Map<string, unknown>([
        ['energy', -1.5],
        ['state', 's 1'],
      ]),
    });
    expect(molecule!.name).toBeUndefined();
  });

  it('frames without atoms, and blank lines between frames', () => {
    expect(readXyz('0\n\n\n\n 1 \n\nH 0 0 0\n\n').map(({ numbers }) => numbers.length)).toEqual([0, 1]);
  });

  it('every kind of value', () => {
    const pairs: [string, unknown][] = [
      ['a=1', 1],
      ['a="1"', 1],
      ['a=-1.5e3', -1500],
      ['a=T', true],
      ['a=FALSE', false],
      ['a', true],
      ['a = 2', 2],
      ['a=word', 'word'],
      ['a=nan', 'nan'],
      ['a=""', ''],
      ['a="two words"', 'two words'],
      ['a="say \\"\\\\hi\\"\\nbye"', 'say "\\hi"\nbye'],
      ['a="1 2 3"', [1, 2, 3]],
      ['a="T F"', [true, false]],
      ['a={1 2.5}', [1, 2.5]],
      ['a={x y}', ['x', 'y']],
      ['a=[1, 2 ]', [1, 2]],
      ['a=[]', []],
      ['a=["1", "b c"]', ['1', 'b c']],
      [
        'a=[[1, 2], [3, 4]]',
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ];
    for (const [text, value] of pairs) {
      const [molecule] = readXyz(frame(`Properties=species:S:1:pos:R:3 ${text}`, 'H 0 0 0'));
      expect([text, molecule!.properties.get('a')]).toEqual([text, value]);
    }
    const [odd] = readXyz(frame('Properties=species:S:1:pos:R:3 "a key"=1 __proto__=2', 'H 0 0 0'));
    expect(odd!.properties).toEqual(
      new Map([
        ['a key', 1],
        ['__proto__', 2],
      ]),
    );
  });

  it('columns of every type, lattice and periodicity', () => {
    const comment = 'Lattice="1 0 0 0 2 0 0 0 3" Properties=Z:I:1:tag:S:2:fixed:L:1:pos:R:3:q:R:1';
    const [molecule] = readXyz(frame(comment, '6 a b T 1 2 3 0.5', '1 c d False 4 5 6 -0.5'));
    expect(molecule).toEqual({
      numbers: Uint8Array.of(6, 1),
      positions: Float64Array.of(1, 2, 3, 4, 5, 6),
      cell: Float64Array.of(1, 0, 0, 0, 2, 0, 0, 0, 3),
      periodic: [true, true, true],
      properties: new Map(),
      columns: new Map<string, unknown>([
        ['tag', { type: 'string', width: 2, values: ['a', 'b', 'c', 'd'] }],
        ['fixed', { type: 'boolean', width: 1, values: [true, false] }],
        ['q', { type: 'real', width: 1, values: Float64Array.of(0.5, -0.5) }],
      ]),
    });
  });
});

describe('refusing', () => {
  const P = 'Properties=species:S:1:pos:R:3';
  it.each([
    ['no count', 'H 0 0 0\n', 'line 1: "H 0 0 0"; expected the number of atoms of a frame'],
    ['a short file', '2\n\nH 0 0 0\n', 'line 4: the frame that starts at line 1 ends after 1 of 2 atoms'],
    ['no comment', '2', 'line 2: the frame that starts at line 1 ends after no comment line'],
    ['an unknown element', frame('', 'Xx 0 0 0'), 'line 3: "Xx"; expected an element\'s symbol or number'],
    ['element 119', frame('', '119 0 0 0'), 'line 3: "119"; expected'],
    ['NaN', frame('', 'H 0 NaN 0'), 'line 3: pos has "NaN"; expected a finite number'],
    ['Infinity', frame('', 'H 0 0 Infinity'), 'pos has "Infinity"'],
    ['overflow', frame('', 'H 0 0 1e999'), 'pos has "1e999"'],
    ['hexadecimal', frame('', 'H 0 0 0x10'), 'pos has "0x10"'],
    ['a missing coordinate', frame('', 'H 0 0'), 'atom 1 of 1 has 3 columns; expected an element and three'],
    ['a missing column', frame(`${P}:f:R:1`, 'H 0 0 0'), 'atom 1 of 1 has 4 columns; expected 5'],
    ['a column too many', frame(P, 'H 0 0 0 0'), 'has 5 columns; expected 4'],
    ['a fraction of an integer', frame(`${P}:n:I:1`, 'H 0 0 0 1.5'), 'n has "1.5"; expected a whole number'],
    ['a wrong boolean', frame(`${P}:n:L:1`, 'H 0 0 0 1'), 'n has "1"; expected T or F'],
    ['no positions', frame('Properties=species:S:1', 'H'), 'line 2: Properties lacks pos:R:3'],
    ['no elements', frame('Properties=pos:R:3', '0 0 0'), 'line 2: Properties lacks species:S:1'],
    [
      'a wrong type',
      frame('Properties=species:S:1:pos:X:3', 'H 0 0 0'),
      'Properties has "pos:X:3"; expected',
    ],
    [
      'a prototype',
      frame('Properties=species:constructor:1:pos:R:3', 'H 0 0 0'),
      'expected a name, S, R, I or L',
    ],
    ['a column twice', frame(`${P}:pos:R:3`, 'H 0 0 0 0 0 0'), 'Properties has "pos" twice'],
    ['half a triple', frame('Properties=species:S', 'H'), 'expected name:type:width'],
    ['a key twice', frame(`${P} a=1 a=2`, 'H 0 0 0'), 'key "a" comes twice'],
    ['an open quote', frame(`${P} a="1`, 'H 0 0 0'), 'line 2: column 34: expected a closing quote'],
    ['an open list', frame(`${P} a=[1, 2`, 'H 0 0 0'), 'expected , or ]'],
    ['an open brace', frame(`${P} a={1`, 'H 0 0 0'), 'expected a closing }'],
    ['a mixed list', frame(`${P} a=[1, b]`, 'H 0 0 0'), 'expected values of one type'],
    ['a list too deep', frame(`${P} a=[[[1]]]`, 'H 0 0 0'), 'expected lists no deeper than two'],
    ['a short lattice', frame(`${P} Lattice="1 2 3"`, 'H 0 0 0'), 'expected nine numbers'],
    ['a wrong periodicity', frame(`${P} pbc="T F"`, 'H 0 0 0'), 'expected three of T and F'],
  ])('%s', (_, text, message) => {
    expect(() => readXyz(text)).toThrow(FormatError);
    expect(() => readXyz(text, 'a.xyz')).toThrow(/^a\.xyz, line \d+: /);
    expect(() => readXyz(text)).toThrow(message);
  });
});

describe('going on after an error', () => {
  const good = frame('good', 'H 0 0 0', 'H 0 0 1');
  const summary = (text: string) =>
    readOutcomes(xyzSyntax(), text).map((outcome) =>
      'error' in outcome ? `error at ${outcome.line}` : outcome.line,
    );

  it('after a bad atom, at the next frame', () => {
    expect(summary(good + frame('bad', 'H x 0 0', 'H 0 0 1') + good)).toEqual([1, 'error at 5', 9]);
  });
  it('after a frame that is short, at the next count', () => {
    expect(summary(`${good}5\nshort\nH 0 0 0\n${good}${good}`)).toEqual([1, 'error at 5', 8, 12]);
  });
  it('after a frame that is long, or a count that is none, at the next count', () => {
    expect(summary(`1\nlong\nH 0 0 0\nH 0 0 0\nH 0 0 0\n${good}`)).toEqual([1, 'error at 4', 6]);
    expect(summary(`x\nbad\nH 0 0 0\n${good}`)).toEqual(['error at 1', 4]);
    expect(summary(`9999999999\nbad\nH 0 0 0\n${good}`)).toEqual(['error at 1', 4]);
  });
});

describe('writing', () => {
  it('anything, and reading it gives the same', () => {
    fc.assert(
      fc.property(fc.array(xyzMolecules, { maxLength: 3 }), (molecules) => {
        expect(readXyz(writeXyz(molecules))).toEqual(molecules);
      }),
      { numRuns: 500 },
    );
  });

  it('what the format cannot hold is an error', () => {
    const [water] = readXyz(fixture('qm9.xyz'));
    const broken = (change: object) => () => writeXyz([{ ...water!, ...change }]);
    expect(broken({ positions: new Float64Array(8) })).toThrow('column pos has 8 values');
    expect(broken({ positions: new Float64Array(9).fill(Number.NaN) })).toThrow('column pos is NaN');
    expect(broken({ numbers: Uint8Array.of(0, 1, 1) })).toThrow('atomic number 0');
    expect(broken({ properties: new Map([['pbc', 1]]) })).toThrow('cannot be named pbc');
    expect(broken({ properties: new Map([['a', Number.POSITIVE_INFINITY]]) })).toThrow(
      'property a is Infinity',
    );
    const tags = { type: 'string', width: 1, values: ['a b', 'c', 'd'] };
    expect(broken({ columns: new Map([['tag', tags]]) })).toThrow('expected text without spaces');
    expect(broken({ columns: new Map([['a tag', tags]]) })).toThrow('expected a name without spaces');
    expect(
      broken({ columns: new Map([['pos', { type: 'real', width: 1, values: new Float64Array(3) }]]) }),
    ).toThrow('cannot be named pos');
  });
});

const ethanol = new URL('../../../../shared/data/md17/ethanol_2000.xyz', import.meta.url);
it.skipIf(!existsSync(ethanol))('2,000 frames of ethanol come back equal (needs ../shared)', () => {
  const frames = readXyz(readFileSync(ethanol));
  expect(frames).toHaveLength(2000);
  expect(frames[0]!.properties.get('energy')).toBe(-97195.01189948035);
  expect(frames[1999]!.columns.get('forces')!.values).toHaveLength(27);
  expect(readXyz(writeXyz(frames))).toEqual(frames);
});

it('a name may look like a number', () => {
  const [molecule] = readXyz('1\nLattice="1 0 0 0 1 0 0 0 1" name=11\nH 0 0 0\n');
  expect(molecule!.name).toBe('11');
  expect(readXyz(writeXyz([molecule!]))[0]!.name).toBe('11');
});
