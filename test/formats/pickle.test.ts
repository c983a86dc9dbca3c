/** Pickles: Python's own bytes of all protocols, round trips, every instruction's faults, hostile and damaged files. */
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, type PickleValue, readPickle } from '../../src/formats/index.ts';
import { expectHarmless } from './hostile.ts';
import { type Piece, pickleOf, uint32, writePickle } from './pickle-writer.ts';
import { expectedOf, fixture, fixtures, plain } from './pytorch-fixtures.ts';

describe('files of Python', () => {
  it.each(fixtures('.pickle'))('%s', (name) => {
    expect(plain(readPickle(fixture(name)))).toEqual(expectedOf(name));
  });

  it('may be damaged', () => {
    expectHarmless(readPickle, fixture('plain5.pickle'));
    expectHarmless(readPickle, fixture('numpy2.pickle'));
    expectHarmless(readPickle, fixture('numpy5.pickle'));
  });

  it.each([
    ['refused_objects.pickle', "numpy.dtype('<O8') is not supported"],
    ['refused_complex.pickle', 'builtins.complex is refused; expected plain data'],
  ])('%s', (name, message) => {
    expect(() => readPickle(fixture(name))).toThrow(FormatError);
    expect(() => readPickle(fixture(name))).toThrow(message);
  });
});

const CHECKPOINTS = new URL('../../../shared/data/checkpoints/', import.meta.url);

describe.skipIf(!existsSync(CHECKPOINTS))("the authors' arguments (skipped without ../shared)", () => {
  it.each([
    ['en_flows', 34, { exp_name: 'here_we_go_victor_resume', n_layers: 6, nf: 64, lr: 0.0002, cuda: true }],
    ['edm_small', 54, { diffusion_steps: 200, n_layers: 5, nf: 128, normalize_factors: [1, 4, 10] }],
  ])('%s', (folder, size, some) => {
    const args = readPickle(readFileSync(new URL(`${folder}/args.pickle`, CHECKPOINTS))) as Map<
      string,
      unknown
    >;
    expect(args.size).toBe(size);
    expect(Object.fromEntries(args)).toMatchObject(some);
  });
});

describe('round trips', () => {
  const { value: values } = fc.letrec<{ value: PickleValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.constantFrom(null, true, false),
      fc.double(),
      fc.integer(),
      fc.bigInt({ max: -(2n ** 60n) }),
      fc.bigInt({ min: 2n ** 60n }),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array(),
      fc.array(tie('value')),
      fc.array(tie('value')).map((items) => new Set(items)),
      fc.array(fc.tuple(tie('value'), tie('value'))).map((entries) => new Map(entries)),
    ),
  }));

  it('any plain data', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(readPickle(writePickle(value))).toEqual(value);
      }),
    );
  });

  it('shared and recursive objects stay so', () => {
    const shared = new Map<PickleValue, PickleValue>([['__proto__', 1]]);
    const list: PickleValue[] = [shared, shared];
    list.push(list);
    const back = readPickle(writePickle(list)) as PickleValue[];
    expect(back[0]).toBe(back[1]);
    expect(back[2]).toBe(back);
    expect((back[0] as Map<string, number>).get('__proto__')).toBe(1);
  });

  it('are cut or damaged without harm', () => {
    fc.assert(
      fc.property(values, fc.nat(), (value, at) => {
        const file = writePickle(value);
        expect(() => readPickle(file.subarray(0, at % file.length))).toThrow(FormatError);
      }),
    );
  });
});

describe('instructions that Python 3 no longer writes', () => {
  it.each<[string, Piece[], unknown]>([
    ['a str of Python 2 that is text', ["S'a\\tb\\x41\\101\\q'\n."], 'a\tbAA\\q'],
    ['one that is not', ['U', 2, 0xff, 0xfe, '.'], Uint8Array.of(255, 254)],
    ['a long', ['L-12L\n.'], -12],
    ['raw unicode', ['V\\u20ac\\U0001f600\xe9\n.'], '€\u{1f600}é'],
    ['floats as text', ['(F-inf\nFnan\nF1e-05\nF.5\nl.'], [Number.NEGATIVE_INFINITY, Number.NaN, 1e-5, 0.5]],
    ['OBJ', ['(cargparse\nNamespace\no}U', 1, 'aK', 1, 'sb.'], new Map([['a', 1]])],
    ['INST', ['(iargparse\nNamespace\n}U', 1, 'aK', 1, 'sb.'], new Map([['a', 1]])],
    [
      'an OrderedDict of pairs',
      ['ccollections\nOrderedDict\n((lp0\n(U', 1, 'aK', 1, 'lap1\ntR.'],
      new Map([['a', 1]]),
    ],
    ['DUP, POP and POP_MARK', ['K', 1, '2(K', 2, '1(00.'], 1],
    ['a class by itself', ['c__builtin__\nlist\n.'], { python: 'builtins.list' }],
  ])('%s', (_, pieces, value) => {
    expect(readPickle(pickleOf(...pieces))).toEqual(value);
  });
});

describe('refused', () => {
  const array = (shape: string, dtype: string) =>
    `cnumpy.core.multiarray\n_reconstruct\n(tR(${shape}cnumpy\ndtype\n(S'${dtype}'\ntRI00\n`;

  it.each<[string, Piece[], string]>([
    ['nothing', [], 'byte 0: 1 bytes are wanted at byte 0; the pickle has 0 more'],
    ['no pickle', ['hello'], 'byte 0: memo 101 is asked for before'],
    ['an unknown instruction', ['z'], 'byte 0: 0x7a is no instruction'],
    ['a protocol of later', [0x80, 6], 'protocol 6; expected 0 to 5'],
    ['a frame beyond the end', [0x95, uint32(99), uint32(0)], 'a frame has 99 bytes; the pickle has 0 more'],
    [
      'a call of the system',
      ['cos\nsystem\n(Vecho\ntR.'],
      'byte 0: os.system is refused; expected plain data',
    ],
    ['a call by a text', ['Ubuiltins.list\n'], 'the pickle has'],
    ['a name of a prototype', ['c__proto__\ntoString\n.'], '__proto__.toString is refused'],
    ['a name of two numbers', ['K', 1, 'K', 2, 0x93], 'the name of a global is 1, 2; expected two texts'],
    ['a call of data', ['K', 1, ')R.'], '1 called with a list or tuple of 0'],
    ['a call of a mere name', ['cbuiltins\nlist\n)R.'], 'builtins.list called with'],
    ['keywords', ['cargparse\nNamespace\n)}K', 1, 'K', 2, 's', 0x92], 'the keywords a dict of 1'],
    [
      'an instance of another class',
      ['ccopy_reg\n_reconstructor\n(c__builtin__\nobject\ntR.'],
      'makes builtins.object',
    ],
    ['state of a list', [']}b.'], 'a list or tuple of 0 is given a dict of 0 as its state'],
    ['state that is no dict', ['cargparse\nNamespace\n)\x81K', 1, 'b.'], 'has entries 1; expected a dict'],
    ['entries of one', ['ccollections\nOrderedDict\n(](K', 1, 'tatR.'], 'has an entry a list or tuple of 1'],
    ['a set of a number', ['cbuiltins\nset\n(K', 1, 'tR.'], 'has items 1; expected a list'],
    ['bytes in another encoding', ['c_codecs\nencode\n(Va\nVutf-8\ntR.'], 'in "utf-8"; expected latin1'],
    ['bytes beyond latin1', ['c_codecs\nencode\n(V\\u20ac\nVlatin1\ntR.'], 'which is not latin1'],
    ['persistent ids', ['K', 1, 'Q.'], 'the persistent id 1 names what lies outside'],
    ['extensions', [0x82, 1], '0x82 is no instruction'],
    ['an empty stack', ['.'], 'lacks its argument'],
    ['what is below a mark', ['K', 1, '(.'], 'lacks its argument'],
    ['no mark', ['t.'], 'there is no mark'],
    ['items of a number', ['K', 1, 'K', 2, 'a.'], 'items are appended to 1'],
    ['entries of a list', [']K', 1, 'K', 2, 's.'], 'entries are set in a list'],
    ['a key without a value', ['}(K', 1, 'u.'], 'the last of 1 keys and values'],
    ['items of a dict as a set', ['}(K', 1, 0x90], 'items are added to a dict'],
    ['an unset memo', ['g7\n'], 'memo 7 is asked for'],
    ['a negative memo', ['Ng-7\n'], 'memo -7; expected'],
    ['a text beyond the end', ['X', uint32(0xffffffff)], '4294967295 bytes are wanted at byte 5'],
    ['bytes beyond any end', [0x8e, uint32(0), uint32(0x80000000)], '9223372036854776000 bytes are wanted'],
    ['no UTF-8', ['X', uint32(1), 0xff], 'a text of 1 bytes is not UTF-8'],
    ['a text without quotes', ['Sabc\n'], 'the text "abc" is not in quotes'],
    ['a character beyond the last', ['V\\U00110000\n'], 'beyond the last character'],
    ['a number that is none', ['I1e3\n'], '"1e3" is not a whole number'],
    ['a number without end', [`L${'9'.repeat(5000)}L\n`], 'is not a whole number of up to 4300 digits'],
    ['an int of a megabyte', [0x8b, uint32(2000), new Uint8Array(2000)], 'an int has 2000 bytes'],
    ['a float that is none', ['F1.2.3\n'], '"1.2.3" is not a float'],
    ['a line without end', ['I1'], 'no line feed ends the text'],
    ['a numpy array of texts', [array('(K\x01t', 'U1')], "numpy.dtype('<U1') is not supported"],
    [
      'too few numpy bytes',
      [array('(K\x02t', 'f8'), "S'12345678'\ntb"],
      'shape [2] has 8 bytes; expected 16',
    ],
    ['a numpy array of no bytes', [array('(K\x02t', 'f8'), 'Ntb'], 'contents None; expected'],
    ['a numpy shape of texts', [array('(Va\nt', 'f8'), "S''\ntb"], 'a numpy array has the shape'],
    ['a numpy byte order', ["cnumpy\ndtype\n(S'f8'\ntR(K\x03S'!'\ntb"], 'numpy.dtype has the byte order "!"'],
    ['a numpy dtype of numbers', ['cnumpy\ndtype\n(K\x01tR'], 'numpy.dtype: is made of 1'],
  ])('%s', (_, pieces, message) => {
    const file = pickleOf(...pieces);
    expect(() => readPickle(file)).toThrow(FormatError);
    expect(() => readPickle(file)).toThrow(message);
  });
});

describe('hostile files', () => {
  const MEGABYTE = 1 << 20;

  it.each([
    ['depth', [']'.repeat(MEGABYTE), 'a'.repeat(MEGABYTE - 1)]],
    ['depth of tuples', ['N', '\x85'.repeat(MEGABYTE)]],
    ['laughs', ['](K\x01e', '2q\x00]h\x00ah\x00a'.repeat(1000)]],
  ])('%s is read', (_, pieces) => {
    expect(readPickle(pickleOf(...pieces, '.'))).toBeInstanceOf(Array);
  });

  it.each([
    ['dictionaries', ['}'.repeat(MEGABYTE)]],
    ['bytes', ['C\x00'.repeat(MEGABYTE)]],
    ['memos', ['N', '\x94'.repeat(5 * MEGABYTE)]],
    [
      'sets of one list',
      ['](', 'K\x01'.repeat(MEGABYTE), 'eq\x00cbuiltins\nset\nq\x01', 'h\x01h\x00\x85R'.repeat(100)],
    ],
    [
      'bytes of one text',
      [
        `V${'a'.repeat(MEGABYTE)}\nq\x00Vlatin1\nq\x01c_codecs\nencode\nq\x02`,
        'h\x02h\x00h\x01\x86R'.repeat(100),
      ],
    ],
  ])('more %s than fit are refused', (_, pieces) => {
    expect(() => readPickle(pickleOf(...pieces, '.'))).toThrow(/asks for more than \d+ bytes of memory/);
  });
});
