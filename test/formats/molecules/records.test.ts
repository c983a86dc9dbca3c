/** What holds for every format: chunk boundaries, line ends, damage, going on after an error, limits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError, MAX_ATOMS, MAX_LINE_LENGTH } from '../../../src/formats/index.ts';
import { readStream } from '../../../src/formats/molecules/records.ts';
import { fixture, outcomes, readOutcomes, SYNTAXES, textOf } from './files.ts';

const cases = SYNTAXES.flatMap(({ name, syntax, files }) => files.map((file) => ({ name, syntax, file })));

/** The bytes cut at the given places, as text where asked. */
function chunksOf(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...new Set([...cuts, bytes.length])].sort((a, b) => a - b);
  return ends.map((end, k) => bytes.slice(ends[k - 1] ?? 0, end));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe.each(cases)('$file', ({ syntax, file }) => {
  const bytes = fixture(file);
  const whole = readOutcomes(syntax(), bytes, file);

  it('is read without an error', () => {
    expect(whole.length).toBeGreaterThan(0);
    expect(whole.filter((outcome) => 'error' in outcome)).toEqual([]);
  });

  it('gives the same records from any chunks', async () => {
    const cuts = fc.array(fc.nat(bytes.length), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const records = await collect(readStream(syntax(), chunksOf(bytes, places), file));
        expect(outcomes(records)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('may have \\r\\n, a byte order mark and blank lines at its end, and be text', () => {
    const text = textOf(file).replaceAll('\r\n', '\n');
    const plain = readOutcomes(syntax(), text);
    expect(readOutcomes(syntax(), `\uFEFF${text.replaceAll('\n', '\r\n')}`)).toEqual(plain);
    expect(readOutcomes(syntax(), new TextEncoder().encode(`\uFEFF${text}\n \n\n`))).toEqual(plain);
    expect(readOutcomes(syntax(), text.trimEnd())).toEqual(plain);
  });

  it('gives records and FormatErrors when it is cut or changed', () => {
    for (let length = 0; length < bytes.length; length++) readOutcomes(syntax(), bytes.subarray(0, length));
    const edits = fc.array(
      fc.tuple(
        fc.nat(bytes.length),
        fc.nat(4),
        fc.oneof(
          fc.constantFrom('\n', '"', "'", ';', ',', '999999999', '-', 'NaN', '\t', ' ', '$$$$\n'),
          fc.string(),
        ),
      ),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(edits, (changes) => {
        let text = textOf(file);
        for (const [at, removed, put] of changes) text = text.slice(0, at) + put + text.slice(at + removed);
        readOutcomes(syntax(), text);
      }),
      { numRuns: 500 },
    );
  });

  it('names the file and the line in every error', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.string({ minLength: 1, maxLength: 5 }), (at, put) => {
        const text = textOf(file);
        const damaged = text.slice(0, at) + put + text.slice(at);
        for (const outcome of readOutcomes(syntax(), damaged, file)) {
          if ('error' in outcome) expect(outcome.error).toMatch(new RegExp(`^${file}, line \\d+: `));
        }
      }),
    );
  });
});

describe.each(SYNTAXES)('$name', ({ name, syntax, files }) => {
  it('has no records in an empty file', () => {
    for (const nothing of ['', '\n', '\uFEFF', ' \r\n\n'])
      expect(readOutcomes(syntax(), nothing)).toEqual([]);
  });

  it('gives one error for 100 MB without a newline, and keeps none of them', async () => {
    const chunk = new Uint8Array(2 ** 20).fill('C'.charCodeAt(0));
    async function* endless() {
      for (let k = 0; k < 100; k++) yield chunk;
      yield '\n';
    }
    const before = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    const records = await collect(readStream(syntax(), endless()));
    const after = process.memoryUsage().arrayBuffers + process.memoryUsage().heapUsed;
    expect(records).toHaveLength(1);
    expect(records[0]!.error).toBeInstanceOf(FormatError);
    expect(after - before).toBeLessThan(60e6);
  });

  it('goes on after a line that is too long', () => {
    const text = textOf(files[0]!);
    const long = 'x'.repeat(MAX_LINE_LENGTH + 1);
    const bad = {
      xyz: `1\nc\n${long}\n`,
      sdf: `${long}\n$$$$\n`,
      pdb: `ATOM ${long}\nEND\n`,
      mmcif: `data_x\n_a ${long}\n`,
      csv: `id,SMILES,name,mu\n${long}\n1,CC,ethane,0\n`,
      smi: `${long}\n`,
    }[name];
    const records = readOutcomes(syntax(), `${bad}${text}`);
    expect(records[0]).toMatchObject({ error: expect.stringContaining('longer than') });
    expect(records.filter((outcome) => !('error' in outcome)).length).toBeGreaterThan(0);
  });
});

it.each([
  ['xyz', '1e15\n\n', 'expected the number of atoms'],
  ['xyz', '1000000000000000\ncomment\nC 0 0 0\n', `expected at most ${MAX_ATOMS}`],
  ['xyz', '2\nProperties=species:S:1:pos:R:3:f:R:1000000000000000\nC 0 0 0\nC 0 0 0\n', 'has 4 columns'],
  [
    'sdf',
    `\n\n\n  0  0${' '.repeat(27)} V3000\nM  V30 BEGIN CTAB\nM  V30 COUNTS 1000000000000000 0\n`,
    'expected the number',
  ],
])('%s: a huge count costs nothing', (name, text, message) => {
  const { syntax } = SYNTAXES.find((format) => format.name === name)!;
  expect(readOutcomes(syntax(), text)[0]).toMatchObject({ error: expect.stringContaining(message) });
});

const million = 1_000_000;
const V3000 = `\n\n\n  0  0${' '.repeat(27)} V3000\n`;
it.each([
  ['digits that end in a letter', 'xyz', `1\n\nH ${'1'.repeat(million)}x 0 0\n`],
  ['digits and a Fortran exponent', 'xyz', `1\n\nH ${'1'.repeat(million)}d 0 0\n`],
  ['a count that ends in a letter', 'xyz', `${'1'.repeat(million)}x\n`],
  ['spaces', 'xyz', `1\n\n${' '.repeat(million)}x\n`],
  [
    'columns',
    'xyz',
    `1\nProperties=${Array.from({ length: million / 10 }, (_, k) => `${k}:S:1`).join(':')}\nH\n`,
  ],
  ['pairs', 'xyz', `1\n${Array.from({ length: million / 10 }, (_, k) => `${k}=1`).join(' ')}\nH 0 0 0\n`],
  ['Properties without a value', 'xyz', `1\n${'Properties '.repeat(million / 11)}\nH 0 0 0\n`],
  ['brackets', 'mmcif', `data_a\n_atom_site.cartn_x ${'(1'.repeat(million / 2)}\n`],
  ['quotes', 'mmcif', `data_a\n_a ${"'a".repeat(million / 2)}\n`],
  ['quotes', 'csv', `${'"'.repeat(million)}x\n`],
  ['quotes that open in every line', 'csv', `smiles,x\n${'C,"\n'.repeat(million / 10)}`],
  ['one open quote', 'csv', `smiles,x\nC,"\n${'C,1,2\n'.repeat(million / 10)}`],
  ['quotes that both close and open', 'csv', `smiles,x\n${'x","\n'.repeat(million / 10)}`],
  ['of them, closed at the end', 'csv', `smiles,x\n${'x","\n'.repeat(million / 10)}x"\n`],
  ['columns', 'csv', `smiles,${Array.from({ length: million / 5 }, (_, k) => k).join()}\n`],
  ['blocks in one another', 'sdf', `${V3000}${'M  V30 BEGIN A\n'.repeat(million / 10)}M  END\n`],
  ['spaces', 'smi', `C${' '.repeat(million)}x\n`],
])('a million %s take seconds at most: %s', { timeout: 10_000 }, (_, name, text) => {
  readOutcomes(SYNTAXES.find((format) => format.name === name)!.syntax(), text);
});

it('characters of several bytes survive a cut anywhere', async () => {
  const { syntax } = SYNTAXES[0]!;
  const bytes = new TextEncoder().encode('1\nwässer 水 💧\nO 0 0 0\n');
  for (let at = 0; at <= bytes.length; at++) {
    const [{ record }] = (await collect(readStream(syntax(), chunksOf(bytes, [at])))) as unknown as [
      { record: unknown },
    ];
    expect(record).toMatchObject({ name: 'wässer 水 💧' });
  }
});
