/**
 * @file Writing an npz file array by array from streams, in memory that does not grow with it. Entries are stored, and
 * all sizes are zip64's, as numpy writes them too, so that no array is too long.
 * Specification: APPNOTE.TXT 6.3, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { formatNpyHeader } from '../formats/npy-header.ts';

const VERSION = 45;
const UTF8_NAMES = 0x0800;
/** 1 January 1980: the same arrays give the same bytes. */
const DATE = 0x21;
const IN_ZIP64 = 0xffffffff;
const LOCAL_BYTES = 50;
const NPY_ALIGNMENT = 64;

interface Entry {
  readonly name: Buffer;
  readonly crc: number;
  readonly size: bigint;
  readonly start: bigint;
}

export class NpzWriter {
  readonly #file: FileHandle;
  readonly #entries: Entry[] = [];
  #end = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Replaces what is at `path`. */
  static async create(path: string): Promise<NpzWriter> {
    return new NpzWriter(await open(path, 'w'));
  }

  /**
   * @param descr numpy's, such as `<f8`
   * @param chunks the elements' bytes in C order
   * @throws RangeError if there are fewer or more than the shape says
   */
  async add(
    name: string,
    descr: string,
    shape: readonly number[],
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    const start = this.#end;
    const fileName = Buffer.from(`${name}.npy`);
    this.#end += LOCAL_BYTES + fileName.length;
    const dataStart = this.#end;
    const header = npyHeader(descr, shape);
    let crc = crc32(header);
    await this.#append(header);
    for await (const chunk of chunks) {
      crc = crc32(chunk, crc);
      await this.#append(chunk);
    }
    const expected = shape.reduce((product, length) => product * length, bytesOf(descr));
    const size = this.#end - dataStart;
    if (size !== expected + header.length)
      throw new RangeError(`${name} takes ${size - header.length} bytes; its shape says ${expected}`);
    const entry = { name: fileName, crc, size: BigInt(size), start: BigInt(start) };
    this.#entries.push(entry);
    await this.#writeAt(localHeader(entry), start);
  }

  /** Ends the file, which is no npz before, and brings it to the disk. */
  async finish(): Promise<void> {
    const start = this.#end;
    for (const entry of this.#entries) await this.#append(centralHeader(entry));
    await this.#append(endRecords(BigInt(this.#entries.length), BigInt(start), BigInt(this.#end - start)));
    await this.#file.sync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await this.#writeAt(bytes, this.#end);
    this.#end += bytes.length;
  }

  async #writeAt(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; )
      done += (await this.#file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

/** Of a descr: characters take four bytes. */
function bytesOf(descr: string): number {
  const [, kind, count] = /^[<|](\w)(\d+)$/.exec(descr)!;
  return Number(count) * (kind === 'U' ? 4 : 1);
}

function npyHeader(descr: string, shape: readonly number[]): Buffer {
  const text = formatNpyHeader({ descr, fortranOrder: false, shape: [...shape] });
  const prefix = 10;
  const length = Math.ceil((prefix + text.length + 1) / NPY_ALIGNMENT) * NPY_ALIGNMENT - prefix;
  const header = Buffer.from(`\x93NUMPY\x01\x00\x00\x00${text.padEnd(length - 1)}\n`, 'latin1');
  header.writeUInt16LE(length, prefix - 2);
  return header;
}

function localHeader({ name, crc, size }: Entry): Buffer {
  const fixed = fields([4, 0x04034b50], ...common(crc), [2, name.length], [2, 20]);
  return Buffer.concat([fixed, name, fields([2, 1], [2, 16], [8, size], [8, size])]);
}

function centralHeader({ name, crc, size, start }: Entry): Buffer {
  const fixed = fields(
    [4, 0x02014b50],
    [2, VERSION],
    ...common(crc),
    [2, name.length],
    [2, 28],
    // No comment, on the first disk, no attributes.
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, IN_ZIP64],
  );
  return Buffer.concat([fixed, name, fields([2, 1], [2, 24], [8, size], [8, size], [8, start])]);
}

/** What local and central headers share. */
function common(crc: number): Field[] {
  return [
    [2, VERSION],
    [2, UTF8_NAMES],
    [2, 0],
    [2, 0],
    [2, DATE],
    [4, crc],
    [4, IN_ZIP64],
    [4, IN_ZIP64],
  ];
}

/** The zip64 end, where to find it, and the old end that refers to both. */
function endRecords(count: bigint, start: bigint, size: bigint): Buffer {
  return fields(
    [4, 0x06064b50],
    [8, 44n],
    [2, VERSION],
    [2, VERSION],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, size],
    [8, start],
    [4, 0x07064b50],
    [4, 0],
    [8, start + size],
    [4, 1],
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, 0xffff],
    [2, 0xffff],
    [4, IN_ZIP64],
    [4, IN_ZIP64],
    [2, 0],
  );
}

type Field = readonly [bytes: 2 | 4, value: number] | readonly [bytes: 8, value: bigint];

function fields(...values: Field[]): Buffer {
  const buffer = Buffer.alloc(values.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const field of values) {
    if (field[0] === 8) buffer.writeBigUInt64LE(field[1], at);
    else buffer.writeUIntLE(field[1], at, field[0]);
    at += field[0];
  }
  return buffer;
}
