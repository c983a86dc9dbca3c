/**
 * Damaged files. Each case follows from the seed and its number alone, so that a finding can be made again:
 * a file of the corpus, cut, flipped, spliced with another, stretched, with lengths and numbers overwritten. An archive is
 * damaged as it is, or in one of its entries with the archive whole around it, which checksums would hide otherwise.
 */
import { zipSync } from 'fflate';
import { readZip } from '../../src/formats/index.ts';

const MAX_BYTES = 1 << 18;
const LENGTHS = [
  0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];
const WORDS = [
  '-1',
  '1e999',
  'nan',
  '99999999999999999999',
  '0x',
  '\0',
  '\n',
  '{',
  '"',
  '\\u20ac',
  ' ',
  '__proto__',
];
/** Instructions of pickles, which flipped bits seldom make. */
const INSTRUCTIONS = [
  ...'(.012NRabdehlostu}]Q',
  'K\x01',
  'h\0',
  'q\0',
  ...'\x81\x85\x86\x87\x8f\x90\x91\x93\x94',
];

/** A whole number from 0 below its argument. */
export type Random = (below: number) => number;

/** The file of one case. */
export function mutate(corpus: readonly Uint8Array[], seed: number, number: number): Uint8Array {
  const random = generator(seed, number);
  const file = corpus[random(corpus.length)]!;
  const other = corpus[random(corpus.length)]!;
  const entries = random(2) === 0 ? entriesOf(file) : [];
  if (entries.length === 0) return damage(file, other, random);
  const [name, data] = entries[random(entries.length)]!;
  const whole = { ...Object.fromEntries(entries), [name]: damage(data, other, random) };
  return zipSync(whole, { level: random(2) === 0 ? 0 : 6 });
}

function damage(file: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(file);
  for (let changes = 1 + random(1 + random(6)); changes > 0; changes--) {
    const change = CHANGES[random(CHANGES.length)]!;
    bytes = change(bytes, other, random).slice(0, MAX_BYTES);
  }
  return bytes;
}

const CHANGES: ((bytes: Uint8Array, other: Uint8Array, random: Random) => Uint8Array)[] = [
  function cut(bytes, _, random) {
    return bytes.slice(0, random(bytes.length + 1));
  },
  function flip(bytes, _, random) {
    if (bytes.length > 0) bytes[random(bytes.length)]! ^= 1 << random(8);
    return bytes;
  },
  function overwrite(bytes, _, random) {
    if (bytes.length > 0) bytes[random(bytes.length)] = random(256);
    return bytes;
  },
  function overwriteLength(bytes, _, random) {
    const size = [1, 2, 4, 8][random(4)]!;
    if (bytes.length < size) return bytes;
    const near = bytes.length + random(5) - 2;
    const value = BigInt(random(4) === 0 ? near : LENGTHS[random(LENGTHS.length)]!);
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, value, true);
    const field = new Uint8Array(view.buffer, 0, size);
    bytes.set(random(4) === 0 ? field.reverse() : field, random(bytes.length - size + 1));
    return bytes;
  },
  function remove(bytes, _, random) {
    const [start, end] = range(bytes, random);
    return join(bytes.subarray(0, start), bytes.subarray(end));
  },
  function repeat(bytes, _, random) {
    const [start, end] = range(bytes, random);
    const times = Math.min(
      1 + random(2 ** (1 + random(10))),
      Math.ceil(MAX_BYTES / Math.max(1, end - start)),
    );
    const part = bytes.subarray(start, end);
    return join(bytes.subarray(0, end), ...Array<Uint8Array>(times).fill(part), bytes.subarray(end));
  },
  function splice(bytes, other, random) {
    const [start, end] = range(other, random);
    const at = random(bytes.length + 1);
    return join(
      bytes.subarray(0, at),
      other.subarray(start, end),
      bytes.subarray(random(2) === 0 ? at : bytes.length),
    );
  },
  function write(bytes, _, random) {
    const at = random(bytes.length + 1);
    const words = random(2) === 0 ? WORDS : INSTRUCTIONS;
    const word = Buffer.from(words[random(words.length)]!, 'latin1');
    return join(
      bytes.subarray(0, at),
      word,
      bytes.subarray(Math.min(bytes.length, at + random(2) * word.length)),
    );
  },
];

/** A part of a file, more often a short one. */
function range(bytes: Uint8Array, random: Random): [number, number] {
  const start = random(bytes.length + 1);
  const length = Math.min(bytes.length - start, random(2 ** (1 + random(12))));
  return [start, start + length];
}

function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

const known = new WeakMap<Uint8Array, [string, Uint8Array][]>();

/** The entries of an archive; none of any other file. */
function entriesOf(file: Uint8Array): [string, Uint8Array][] {
  let entries = known.get(file);
  if (entries === undefined) {
    const isArchive = file[0] === 0x50 && file[1] === 0x4b;
    entries = isArchive ? readZip(file).map(({ name, read }) => [name, read()]) : [];
    known.set(file, entries);
  }
  return entries;
}

/** Mulberry32, started from both numbers. */
export function generator(seed: number, number: number): Random {
  let state = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b);
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
