/**
 * Reading zip archives, the container of npz files and of PyTorch checkpoints: the central directory says what there
 * is (local headers may lack it), entries are stored or deflated, zip64 sizes are understood. Nothing is
 * inflated until asked for, no entry may claim more than deflate can pack into its bytes, and entries together
 * may not claim more bytes than the file has.
 * Specification: APPNOTE.TXT 6.3, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */

import { inflateSync } from 'fflate';
import { FormatError } from './error.ts';

export interface ZipEntry {
  name: string;
  /** Bytes once read. */
  size: number;
  /** The entry's bytes: a view of the archive where it is stored. @throws FormatError where they are damaged. */
  read(): Uint8Array;
}

const END = { signature: 0x06054b50, bytes: 22 };
const END64_LOCATOR = { signature: 0x07064b50, bytes: 20 };
const END64 = { signature: 0x06064b50, bytes: 56 };
const CENTRAL = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
const ZIP64_FIELD = 1;
const STORED = 0;
const DEFLATED = 8;

/** What PyTorch writes where it is told to leave checksums out (`torch.serialization.set_crc32_options`). */
const NO_CHECKSUM = 0;

/** No deflate stream expands more: 258 bytes from 2 bits. */
const MAX_DEFLATE_RATIO = 1032;

interface Record64 {
  name: string;
  method: number;
  crc: number;
  packedSize: number;
  size: number;
  localStart: number;
}

/** The files of an archive in the order of its directory, folders left out. @throws FormatError */
export function readZip(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const directory = findDirectory(view);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let packed = 0;
  let at = directory.start;
  for (let k = 0; k < directory.count; k++) {
    const { record, next } = readRecord(bytes, view, at, k);
    at = next;
    packed += record.packedSize;
    if (packed > bytes.length) {
      throw new FormatError(
        `zip: entries up to ${record.name} claim ${packed} bytes; the file has ${bytes.length}`,
      );
    }
    if (names.has(record.name)) throw new FormatError(`zip: entry ${record.name} comes twice`);
    names.add(record.name);
    if (record.name.endsWith('/')) continue;
    entries.push({ name: record.name, size: record.size, read: () => readEntry(bytes, view, record) });
  }
  return entries;
}

function findDirectory(view: DataView): { start: number; count: number } {
  const last = view.byteLength - END.bytes;
  for (let at = last; at >= 0 && at >= last - 0xffff; at--) {
    if (view.getUint32(at, true) !== END.signature) continue;
    if (at + END.bytes + view.getUint16(at + 20, true) !== view.byteLength) continue;
    const count = view.getUint16(at + 10, true);
    const start = view.getUint32(at + 16, true);
    return count === 0xffff || start === 0xffffffff ? findDirectory64(view, at) : { start, count };
  }
  throw new FormatError(
    'zip: no end of central directory; expected one in the last 65,557 bytes of the file',
  );
}

function findDirectory64(view: DataView, endStart: number): { start: number; count: number } {
  const locator = endStart - END64_LOCATOR.bytes;
  checkRecord(view, locator, END64_LOCATOR, 'zip64 locator');
  const end = uint64(view, locator + 8);
  checkRecord(view, end, END64, 'zip64 end of central directory');
  return { start: uint64(view, end + 48), count: uint64(view, end + 32) };
}

function readRecord(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  k: number,
): { record: Record64; next: number } {
  checkRecord(view, at, CENTRAL, `central directory entry ${k}`);
  const nameEnd = at + CENTRAL.bytes + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const next = extraEnd + view.getUint16(at + 32, true);
  if (next > bytes.length) {
    throw new FormatError(
      `zip: central directory entry ${k} at byte ${at} reaches beyond the end of the file`,
    );
  }
  const record: Record64 = {
    name: new TextDecoder().decode(bytes.subarray(at + CENTRAL.bytes, nameEnd)),
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packedSize: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    localStart: view.getUint32(at + 42, true),
  };
  if (view.getUint16(at + 8, true) & 1) throw new FormatError(`zip: entry ${record.name} is encrypted`);
  applyZip64(view, record, nameEnd, extraEnd);
  const { name, method, size, packedSize } = record;
  if (method !== STORED && method !== DEFLATED) {
    throw new FormatError(`zip: entry ${name} has method ${method}; expected 0 (stored) or 8 (deflated)`);
  }
  const limit = method === STORED ? packedSize : packedSize * MAX_DEFLATE_RATIO;
  if (size > limit || (method === STORED && size !== packedSize)) {
    throw new FormatError(
      `zip: entry ${name} claims ${size} bytes from ${packedSize}; expected at most ${limit}`,
    );
  }
  return { record, next };
}

/** Fields of all ones have their value in the zip64 extra field, in this order. */
function applyZip64(view: DataView, record: Record64, start: number, end: number): void {
  const wanted = (['size', 'packedSize', 'localStart'] as const).filter((key) => record[key] === 0xffffffff);
  for (let at = start; wanted.length > 0 && at + 4 <= end; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== ZIP64_FIELD) continue;
    wanted.forEach((key, position) => {
      const field = at + 4 + 8 * position;
      if (field + 8 > end)
        throw new FormatError(`zip: entry ${record.name} lacks its zip64 ${key} at byte ${field}`);
      record[key] = uint64(view, field);
    });
    return;
  }
}

function readEntry(bytes: Uint8Array, view: DataView, record: Record64): Uint8Array {
  const { name, localStart, packedSize, size, method, crc } = record;
  checkRecord(view, localStart, LOCAL, `local header of ${name}`);
  const start =
    localStart + LOCAL.bytes + view.getUint16(localStart + 26, true) + view.getUint16(localStart + 28, true);
  if (start + packedSize > bytes.length) {
    throw new FormatError(
      `zip: entry ${name} takes ${packedSize} bytes from byte ${start}; the file ends at ${bytes.length}`,
    );
  }
  const packed = bytes.subarray(start, start + packedSize);
  const data = method === STORED ? packed : inflate(packed, size, name);
  const actual = crc === NO_CHECKSUM ? crc : crc32(data);
  if (actual !== crc) {
    throw new FormatError(
      `zip: entry ${name} has checksum ${actual.toString(16)}; expected ${crc.toString(16)}`,
    );
  }
  return data;
}

function inflate(packed: Uint8Array, size: number, name: string): Uint8Array {
  let data: Uint8Array;
  try {
    // A byte of room shows that there is more: fflate leaves out what does not fit.
    data = inflateSync(packed, { out: new Uint8Array(size + 1) });
  } catch (error) {
    throw new FormatError(`zip: entry ${name} does not inflate: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (data.length !== size) {
    const found = data.length > size ? 'more' : `${data.length} bytes`;
    throw new FormatError(`zip: entry ${name} inflates to ${found}; expected ${size}`);
  }
  return data;
}

function checkRecord(
  view: DataView,
  at: number,
  { signature, bytes }: { signature: number; bytes: number },
  what: string,
): void {
  if (at < 0 || at + bytes > view.byteLength) {
    throw new FormatError(`zip: ${what} would be at byte ${at}; the file has ${view.byteLength} bytes`);
  }
  const found = view.getUint32(at, true);
  if (found !== signature) {
    throw new FormatError(
      `zip: ${what} at byte ${at} starts with ${found.toString(16)}; expected ${signature.toString(16)}`,
    );
  }
}

/** Exact below 2^53; larger values stay larger than any file. */
function uint64(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let k = 0; k < bytes.length; k++) crc = CRC_TABLE[(crc ^ bytes[k]!) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
