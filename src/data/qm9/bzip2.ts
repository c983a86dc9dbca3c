/**
 * @file Reading bzip2 (Seward, 1996), the compression of QM9's archive, which Node does not know.
 *
 * A file is a row of blocks of up to 900,000 bytes, each on its own. To write one, bzip2 shortens runs of four and more
 * equal bytes, sorts all rotations of the block and keeps their last column (Burrows and Wheeler, 1994), replaces each
 * byte by its place in a list of recently seen ones, and codes those, runs of zero shortened, with up to six Huffman
 * tables that change every 50 symbols. Reading undoes the steps backwards. A checksum of each block and one of all tell
 * whether the result is right. bzip2's authors specify it nowhere; there is a description by Joe Tsai,
 * https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf
 */
import { FormatError } from '../../formats/error.ts';
import { type BitReader, newBitReader, peekBits, readBits, skipBits, skipToByte } from './bits.ts';

/** A block's bytes, and how much of the file has been read with it. */
interface Bzip2Block {
  data: Uint8Array;
  position: number;
}

const STREAM_MAGIC = 0x425a68; // 'BZh'
const BLOCK_MAGIC = [0x314159, 0x265359];
const END_MAGIC = [0x177245, 0x385090];
const BLOCK_UNIT = 100_000;
const MAX_CODE_LENGTH = 20;
const GROUP = 50;
/** Codes up to this length are found in one step. */
const QUICK_BITS = 10;
const RUN_A = 0;
const RUN_B = 1;

interface HuffmanTable {
  /** For every beginning of QUICK_BITS bits: symbol << 5 | length of its code; 0 for a longer code. */
  quick: Uint16Array;
  /** By length: the first code of that length, all codes being aligned to MAX_CODE_LENGTH bits. */
  first: Int32Array;
  /** By length: the place of that code's symbol. */
  place: Int32Array;
  /** Symbols, by length of code, then by value. */
  symbols: Uint16Array;
}

/**
 * The blocks of a file one by one; a file may be several streams one after the other, as parallel compressors write.
 * @throws FormatError where the file is not bzip2, damaged, or cut off
 */
export function* readBzip2(bytes: Uint8Array): Generator<Bzip2Block> {
  const reader = newBitReader(bytes, 'bzip2');
  do {
    const level = readStreamHeader(reader);
    let checksum = 0;
    for (;;) {
      const at = reader.position;
      const magic = [readBits(reader, 24), readBits(reader, 24)];
      const expected = ((readBits(reader, 16) << 16) | readBits(reader, 16)) >>> 0;
      if (magic[0] === END_MAGIC[0] && magic[1] === END_MAGIC[1]) {
        checkSum(checksum, expected, `the stream that ends near byte ${at}`);
        break;
      }
      if (magic[0] !== BLOCK_MAGIC[0] || magic[1] !== BLOCK_MAGIC[1]) {
        throw new FormatError(`bzip2: neither a block nor the end of the stream near byte ${at}`);
      }
      const data = expandRuns(sortBack(readBlock(reader, level * BLOCK_UNIT, at)), at);
      checkSum(checksumOf(data), expected, `the block near byte ${at}`);
      checksum = (((checksum << 1) | (checksum >>> 31)) ^ expected) >>> 0;
      yield { data, position: reader.position };
    }
    skipToByte(reader);
  } while (reader.position < bytes.length);
}

function readStreamHeader(reader: BitReader): number {
  const magic = readBits(reader, 24);
  const level = readBits(reader, 8) - 0x30;
  if (magic !== STREAM_MAGIC || level < 1 || level > 9) {
    throw new FormatError(
      `bzip2: byte ${reader.position - 4} does not start a stream; expected BZh and a digit of 1 to 9`,
    );
  }
  return level;
}

/** The last column of the sorted rotations, and the row of the original. */
interface SortedBlock {
  column: Uint8Array;
  row: number;
}

function readBlock(reader: BitReader, maxLength: number, at: number): SortedBlock {
  const fail = (what: string) => new FormatError(`bzip2: ${what} in the block near byte ${at}`);
  if (readBits(reader, 1) === 1) throw fail('randomisation, which bzip2 no longer writes,');
  const row = readBits(reader, 24);

  const recent = readUsedBytes(reader);
  if (recent.length === 0) throw fail('no byte is used');
  const endOfBlock = recent.length + 1;
  const tableCount = readBits(reader, 3);
  if (tableCount < 2 || tableCount > 6) throw fail(`${tableCount} Huffman tables`);
  const selectors = readSelectors(reader, tableCount);
  if (selectors === undefined) throw fail('a selector that selects no table');
  const tables = Array.from({ length: tableCount }, () => {
    const table = readTable(reader, recent.length + 2);
    if (table === undefined) throw fail('a Huffman code of impossible length');
    return table;
  });

  const column = new Uint8Array(maxLength);
  let length = 0;
  let runUnit = 1;
  for (const selector of selectors) {
    const table = tables[selector];
    for (let k = 0; k < GROUP; k++) {
      const symbol = readSymbol(reader, table);
      if (symbol === RUN_A || symbol === RUN_B) {
        // A run's length in digits 1 and 2 of base 2, the lowest first.
        const run = symbol === RUN_A ? runUnit : 2 * runUnit;
        runUnit *= 2;
        if (length + run > maxLength) throw fail('more than its size');
        column.fill(recent[0], length, length + run);
        length += run;
        continue;
      }
      runUnit = 1;
      if (symbol < 0) throw fail('a code that is in no Huffman table');
      if (symbol === endOfBlock) {
        if (row >= length) throw fail(`row ${row}, of ${length},`);
        return { column: column.subarray(0, length), row };
      }
      if (length === maxLength) throw fail('more than its size');
      const byte = recent[symbol - 1];
      recent.copyWithin(1, 0, symbol - 1);
      recent[0] = byte;
      column[length++] = byte;
    }
  }
  throw fail('no end');
}

/** The byte values that the block uses, ascending: a bit for each group of 16, then a bit for each value. */
function readUsedBytes(reader: BitReader): Uint8Array {
  const groups = readBits(reader, 16);
  const used: number[] = [];
  for (let group = 0; group < 16; group++) {
    if (((groups >> (15 - group)) & 1) === 0) continue;
    const values = readBits(reader, 16);
    for (let k = 0; k < 16; k++) if ((values >> (15 - k)) & 1) used.push(16 * group + k);
  }
  return Uint8Array.from(used);
}

/** Which table each group of symbols is coded with, as places in a list of recently used tables, in unary. */
function readSelectors(reader: BitReader, tableCount: number): Uint8Array | undefined {
  const recent = Uint8Array.from({ length: tableCount }, (_, k) => k);
  const selectors = new Uint8Array(readBits(reader, 15));
  for (let k = 0; k < selectors.length; k++) {
    let place = 0;
    while (readBits(reader, 1) === 1) if (++place >= tableCount) return undefined;
    const table = recent[place];
    recent.copyWithin(1, 0, place);
    recent[0] = table;
    selectors[k] = table;
  }
  return selectors;
}

function readTable(reader: BitReader, symbolCount: number): HuffmanTable | undefined {
  const lengths = new Uint8Array(symbolCount);
  let length = readBits(reader, 5);
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    for (;;) {
      if (length < 1 || length > MAX_CODE_LENGTH) return undefined;
      if (readBits(reader, 1) === 0) break;
      length += readBits(reader, 1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return huffmanTable(lengths);
}

/** Codes are given out by length, then by symbol, counting up. */
function huffmanTable(lengths: Uint8Array): HuffmanTable | undefined {
  const quick = new Uint16Array(1 << QUICK_BITS);
  const first = new Int32Array(MAX_CODE_LENGTH + 2);
  const place = new Int32Array(MAX_CODE_LENGTH + 2);
  const symbols = new Uint16Array(lengths.length);
  let code = 0;
  let count = 0;
  for (let length = 1; length <= MAX_CODE_LENGTH; length++) {
    first[length] = code;
    place[length] = count;
    const step = 1 << (MAX_CODE_LENGTH - length);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue;
      if (length <= QUICK_BITS) {
        const shift = MAX_CODE_LENGTH - QUICK_BITS;
        quick.fill((symbol << 5) | length, code >> shift, (code + step) >> shift);
      }
      symbols[count++] = symbol;
      code += step;
    }
  }
  first[MAX_CODE_LENGTH + 1] = code;
  return code > 1 << MAX_CODE_LENGTH ? undefined : { quick, first, place, symbols };
}

/** The next symbol, or -1 if no code begins so. */
function readSymbol(reader: BitReader, table: HuffmanTable): number {
  const bits = peekBits(reader, MAX_CODE_LENGTH);
  const quick = table.quick[bits >> (MAX_CODE_LENGTH - QUICK_BITS)];
  if (quick !== 0) {
    skipBits(reader, quick & 31);
    return quick >> 5;
  }
  let length = QUICK_BITS + 1;
  while (length <= MAX_CODE_LENGTH && bits >= table.first[length + 1]) length++;
  if (length > MAX_CODE_LENGTH) return -1;
  skipBits(reader, length);
  return table.symbols[table.place[length] + ((bits - table.first[length]) >> (MAX_CODE_LENGTH - length))];
}

/** Undoes the sorting: the k-th of a byte in the last column is the k-th of that byte in the first. */
function sortBack({ column, row }: SortedBlock): Uint8Array {
  const { length } = column;
  const starts = new Int32Array(257);
  for (let k = 0; k < length; k++) starts[column[k] + 1]++;
  for (let byte = 0; byte < 256; byte++) starts[byte + 1] += starts[byte];
  // In one word, for the walk is all cache misses: the next row above, the byte of this row in the low eight bits.
  const next = new Uint32Array(length);
  for (let k = 0; k < length; k++) {
    next[k] |= column[k];
    next[starts[column[k]]++] |= k << 8;
  }
  const original = new Uint8Array(length);
  let at = next[row] >>> 8;
  for (let k = 0; k < length; k++) {
    const word = next[at];
    original[k] = word & 255;
    at = word >>> 8;
  }
  return original;
}

/** After four equal bytes comes how often the byte is repeated once more. */
function expandRuns(bytes: Uint8Array, at: number): Uint8Array {
  const expanded = new Uint8Array(expandedLength(bytes, at));
  let length = 0;
  let equal = 0;
  for (let k = 0; k < bytes.length; k++) {
    equal = equal > 0 && bytes[k] === bytes[k - 1] ? equal + 1 : 1;
    expanded[length++] = bytes[k];
    if (equal < 4) continue;
    const repeats = bytes[++k];
    expanded.fill(bytes[k - 1], length, length + repeats);
    length += repeats;
    equal = 0;
  }
  return expanded;
}

function expandedLength(bytes: Uint8Array, at: number): number {
  let length = bytes.length;
  let equal = 0;
  for (let k = 0; k < bytes.length; k++) {
    equal = equal > 0 && bytes[k] === bytes[k - 1] ? equal + 1 : 1;
    if (equal < 4) continue;
    if (++k === bytes.length)
      throw new FormatError(`bzip2: a run without a length in the block near byte ${at}`);
    length += bytes[k] - 1;
    equal = 0;
  }
  return length;
}

/** CRC-32 with the polynomial of Ethernet, the highest bit first. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});

function checksumOf(bytes: Uint8Array): number {
  let crc = -1;
  for (let k = 0; k < bytes.length; k++) crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ bytes[k]];
  return ~crc >>> 0;
}

function checkSum(found: number, expected: number, what: string): void {
  if (found === expected) return;
  throw new FormatError(
    `bzip2: ${what} has checksum ${found.toString(16)}; expected ${expected.toString(16)}`,
  );
}
