/** @file Lines of JSON, which may be of any length, unlike those of molecule files. */
import type { Bytes } from './entries.ts';

/** Lines in UTF-8, without their ends and without a byte order mark. */
export async function* textLines(bytes: Bytes): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const chunk of bytes) {
    const pieces = decoder.decode(chunk, { stream: true }).split('\n');
    pieces[0] = pending + pieces[0];
    pending = pieces.pop()!;
    yield* pieces;
  }
  pending += decoder.decode();
  if (pending !== '') yield pending;
}
