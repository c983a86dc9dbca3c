/**
 * @file The files of a tar archive, one by one, as its bytes arrive. Every file is a header of 512 bytes followed by
 * its content, filled up to a multiple of 512; a header of zeros ends the archive. What is no plain file (folders,
 * links, comments of later dialects) is passed over. Specification: POSIX.1-2017, `pax`, "ustar Interchange Format".
 */
import { FormatError } from '../../formats/error.ts';

interface TarFile {
  name: string;
  data: Uint8Array;
}

const BLOCK = 512;
const PLAIN = ['0', '\0'];
/** Of a header, where its checksum stands; for summing it counts as spaces. */
const SUM = { start: 148, end: 156 };

/** @throws FormatError where the bytes are not tar, or end before the archive does */
export async function* readTar(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile> {
  let held: Uint8Array = new Uint8Array(0);
  let start = 0;
  const iterator = pieces[Symbol.asyncIterator]();

  /** The next bytes; fewer at the end of the archive. */
  async function take(length: number): Promise<Uint8Array> {
    const parts = [held];
    let available = held.length;
    while (available < length) {
      const { value, done } = await iterator.next();
      if (done) break;
      parts.push(value);
      available += value.length;
    }
    if (parts.length > 1) held = Buffer.concat(parts);
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    start += taken.length;
    return taken;
  }

  for (;;) {
    const headerStart = start;
    const header = await take(BLOCK);
    if (header.length < BLOCK) throw new FormatError(`tar: the archive is cut off at byte ${start}`);
    if (header.every((byte) => byte === 0)) return;
    const { name, size, type } = readHeader(header, headerStart);
    const filled = Math.ceil(size / BLOCK) * BLOCK;
    const data = await take(filled);
    if (data.length < filled) throw new FormatError(`tar: the archive is cut off inside ${name}`);
    if (PLAIN.includes(type)) yield { name, data: data.subarray(0, size) };
  }
}

function readHeader(header: Uint8Array, start: number): { name: string; size: number; type: string } {
  const text = String.fromCharCode(...header);
  const field = (from: number, to: number) => text.slice(from, to).split('\0')[0];
  let sum = 0;
  for (let k = 0; k < BLOCK; k++) sum += k >= SUM.start && k < SUM.end ? 0x20 : header[k];
  if (Number.parseInt(field(SUM.start, SUM.end), 8) !== sum) {
    throw new FormatError(`tar: no header at byte ${start}; its checksum does not match`);
  }
  const digits = field(124, 136).trim();
  if (!/^[0-7]+$/.test(digits)) {
    throw new FormatError(
      `tar: the header at byte ${start} has size ${JSON.stringify(digits)}; expected octal digits`,
    );
  }
  return { name: field(0, 100), size: Number.parseInt(digits, 8), type: text[156] };
}
