/** @file Any protocol buffer message, field by field, without knowing its schema. */

export interface Field {
  readonly field: number;
  /** A varint as the 64 bits that it is, unsigned; a float; or bytes. */
  readonly value: bigint | number | Uint8Array;
}

/** @throws Error for a wire type that ONNX does not use, and for bytes that end too early */
export function readMessage(bytes: Uint8Array): Field[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: Field[] = [];
  let at = 0;
  const take = (length: number) => {
    if (at + length > bytes.length)
      throw new Error(`ends at ${bytes.length}; ${length} bytes expected at ${at}`);
    at += length;
    return at - length;
  };
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[take(1)]);
      value |= (byte & 0x7fn) << shift;
      if (byte < 0x80n) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const field = key >> 3;
    if ((key & 7) === 0) fields.push({ field, value: varint() });
    else if ((key & 7) === 2) {
      const length = Number(varint());
      const start = take(length);
      fields.push({ field, value: bytes.subarray(start, start + length) });
    } else if ((key & 7) === 5) fields.push({ field, value: view.getFloat32(take(4), true) });
    else throw new Error(`wire type ${key & 7} at ${at}`);
  }
  return fields;
}

export function text(value: Field['value']): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(value as Uint8Array);
}
