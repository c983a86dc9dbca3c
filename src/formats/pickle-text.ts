/** The texts inside pickles: UTF-8, and the escapes and decimal numbers of protocol 0. */

import { FormatError } from './error.ts';

/** As Python's own limit; longer numbers take quadratic time. */
const MAX_DIGITS = 4300;
const MAX_LONG_BYTES = 1024;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** As many arguments as a call may have everywhere. */
const LATIN1_PART = 8192;

/** @throws FormatError for bytes that are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  const text = tryUtf8(bytes);
  if (text === undefined) throw new FormatError(`a text of ${bytes.length} bytes is not UTF-8`);
  return text;
}

/** Python 2's str was text or bytes: a string where it is UTF-8, else the bytes. */
export function decodeBytesOrText(bytes: Uint8Array): string | Uint8Array {
  return tryUtf8(bytes) ?? bytes;
}

/** One character a byte. TextDecoder's `latin1` is windows-1252. */
export function decodeLatin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let k = 0; k < bytes.length; k += LATIN1_PART) {
    parts.push(String.fromCharCode(...bytes.subarray(k, k + LATIN1_PART)));
  }
  return parts.join('');
}

/** The bytes of a text whose characters are all below 256; undefined for others. */
export function encodeLatin1(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) {
    const code = text.charCodeAt(k);
    if (code > 255) return undefined;
    bytes[k] = code;
  }
  return bytes;
}

/** A decimal whole number: a number where it is exact, else a bigint. */
export function decodeInteger(text: string): number | bigint {
  if (text.length > MAX_DIGITS || !/^[-+]?\d+$/.test(text)) {
    throw new FormatError(
      `${JSON.stringify(text.slice(0, 40))} is not a whole number of up to ${MAX_DIGITS} digits`,
    );
  }
  return toInteger(BigInt(text.replace('+', '')));
}

/** Python's repr of a float. */
export function decodeFloat(text: string): number {
  const special = /^([-+]?)(inf|nan)$/.exec(text);
  if (special) return special[2] === 'nan' ? Number.NaN : Number(`${special[1]}Infinity`);
  if (text.length > MAX_DIGITS || !/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) {
    throw new FormatError(`${JSON.stringify(text.slice(0, 40))} is not a float`);
  }
  return Number(text);
}

/** A little-endian whole number in two's complement, of any length; none is 0. */
export function decodeLong(bytes: Uint8Array): number | bigint {
  if (bytes.length > MAX_LONG_BYTES) {
    throw new FormatError(`an int has ${bytes.length} bytes; expected at most ${MAX_LONG_BYTES}`);
  }
  if (bytes.length === 0) return 0;
  let hexadecimal = '0x';
  for (let k = bytes.length - 1; k >= 0; k--) hexadecimal += bytes[k]!.toString(16).padStart(2, '0');
  return toInteger(BigInt.asIntN(8 * bytes.length, BigInt(hexadecimal)));
}

export function toInteger(value: bigint): number | bigint {
  const rounded = Number(value);
  return Number.isSafeInteger(rounded) ? rounded : value;
}

/** Python's raw-unicode-escape: latin1 but for \uXXXX and \UXXXXXXXX. */
export function decodeRawUnicode(bytes: Uint8Array): string {
  return decodeLatin1(bytes).replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short, long) =>
    decodeCodePoint(short ?? long),
  );
}

/** Python's repr of a byte string: quoted, with escapes. */
export function decodeQuoted(bytes: Uint8Array): Uint8Array {
  const text = decodeLatin1(bytes).trim();
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote)) {
    throw new FormatError(`the text ${JSON.stringify(text.slice(0, 40))} is not in quotes`);
  }
  const inside = text
    .slice(1, -1)
    .replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[\s\S])/g, (_, sequence: string) => decodeEscape(sequence));
  return encodeLatin1(inside)!;
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['v', '\v'],
  ['\n', ''],
]);

function decodeEscape(sequence: string): string {
  if (/^x../.test(sequence)) return String.fromCharCode(Number.parseInt(sequence.slice(1), 16));
  if (/^[0-7]/.test(sequence)) return String.fromCharCode(Number.parseInt(sequence, 8) & 255);
  return ESCAPES.get(sequence) ?? `\\${sequence}`;
}

function decodeCodePoint(digits: string): string {
  const codePoint = Number.parseInt(digits, 16);
  if (codePoint > 0x10ffff) throw new FormatError(`\\U${digits} is beyond the last character`);
  return String.fromCodePoint(codePoint);
}

function tryUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
