/**
 * @file Cutting a stream of bytes or text into lines. Chunks may end anywhere, inside a character too. Lines end with
 * \n or \r\n; a byte order mark at the start is dropped; bytes that are not UTF-8 become U+FFFD, since old programs
 * leave Latin-1 in titles and comments.
 */

/** Longer lines are cut to one character more than this, which is how the reader of records knows them. */
export const MAX_LINE_LENGTH = 2 ** 20;

/** Bytes decoded at once, so that a large chunk is never held twice. */
const PIECE = 2 ** 16;

/** What a reader takes: pieces of a file in order, as bytes in UTF-8 or as text. */
export type Chunks = AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>;

interface LineSplitter {
  /** The lines that end in this chunk. */
  push(chunk: Uint8Array | string): Generator<string>;
  /** The last line, if the file does not end with a newline. */
  end(): Generator<string>;
}

export function createLineSplitter(): LineSplitter {
  // The decoder would drop a byte order mark of its own; text that is a string already may have one too.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let pending = '';
  let atStart = true;

  function* split(piece: string): Generator<string> {
    if (piece === '') return;
    let start = atStart && piece.startsWith('\uFEFF') ? 1 : 0;
    atStart = false;
    for (let end = piece.indexOf('\n', start); end >= 0; end = piece.indexOf('\n', start)) {
      keep(piece, start, end);
      yield take();
      start = end + 1;
    }
    keep(piece, start, piece.length);
  }

  /** One character beyond the limit, and one for a \r, are enough to see that a line is too long. */
  function keep(piece: string, start: number, end: number): void {
    const room = MAX_LINE_LENGTH + 2 - pending.length;
    pending += piece.slice(start, Math.min(end, start + room));
  }

  function take(): string {
    const line = pending.endsWith('\r') ? pending.slice(0, -1) : pending;
    pending = '';
    return line.length > MAX_LINE_LENGTH ? line.slice(0, MAX_LINE_LENGTH + 1) : line;
  }

  return {
    *push(chunk) {
      for (let start = 0; start < chunk.length; start += PIECE) {
        const piece = typeof chunk === 'string' ? chunk.slice(start, start + PIECE) : undefined;
        yield* split(
          piece ?? decoder.decode((chunk as Uint8Array).subarray(start, start + PIECE), { stream: true }),
        );
      }
    },
    *end() {
      yield* split(decoder.decode());
      if (pending !== '') yield take();
    },
  };
}
