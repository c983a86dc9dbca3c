/** @file Bits of a file, the highest of a byte first. */
import { FormatError } from '../../formats/error.ts';

export interface BitReader {
  bytes: Uint8Array;
  /** For messages: the name of the format. */
  format: string;
  /** Bytes taken into `held` so far; beyond the end of the file they are zero. */
  position: number;
  /** The lowest `count` bits are those that come next. */
  held: number;
  count: number;
}

export function newBitReader(bytes: Uint8Array, format: string): BitReader {
  return { bytes, format, position: 0, held: 0, count: 0 };
}

/** The next bits, 1 to 24 of them, without going past them; zeros beyond the end. */
export function peekBits(reader: BitReader, count: number): number {
  while (reader.count < count) {
    reader.held = (reader.held << 8) | (reader.bytes[reader.position] ?? 0);
    reader.position++;
    reader.count += 8;
  }
  return (reader.held >>> (reader.count - count)) & ((1 << count) - 1);
}

/** Goes past bits that have been peeked at. @throws FormatError if that is beyond the end of the file */
export function skipBits(reader: BitReader, count: number): void {
  reader.count -= count;
  const { position, bytes } = reader;
  if (position > bytes.length && position * 8 - reader.count > bytes.length * 8) {
    throw new FormatError(`${reader.format}: the file is cut off: it ends at byte ${bytes.length}`);
  }
}

/** The next bits, 1 to 24 of them. @throws FormatError beyond the end of the file */
export function readBits(reader: BitReader, count: number): number {
  const bits = peekBits(reader, count);
  skipBits(reader, count);
  return bits;
}

/** Goes to the next whole byte, if not at one. */
export function skipToByte(reader: BitReader): void {
  reader.position -= reader.count >> 3;
  reader.count = 0;
}
