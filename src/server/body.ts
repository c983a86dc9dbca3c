/** @file Bodies of requests as bytes, with a limit for each and one for all that are being received. */
import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** The code of the refusal of a body that is not read to its end. */
export const TOO_LARGE = 'too_large';

export interface BodyCollector {
  /** @throws Refusal 400, 413 or 503 */
  collect(request: IncomingMessage): Promise<Buffer>;
}

export function createBodyCollector(limits: { bodyBytes: number; totalBytes: number }): BodyCollector {
  let total = 0;
  return {
    collect: (request) =>
      new Promise((resolve, reject) => {
        const claimed = Number(request.headers['content-length'] ?? 0);
        if (claimed > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
        const chunks: Buffer[] = [];
        let length = 0;
        // Events and not an iterator: most bodies are one chunk, and this is done for each request.
        const onData = (chunk: Buffer) => {
          length += chunk.length;
          total += chunk.length;
          chunks.push(chunk);
          if (length > limits.bodyBytes) fail(tooLarge(limits.bodyBytes));
          else if (total > limits.totalBytes)
            fail(new Refusal(503, 'busy', 'too much is being received at the moment', 1));
        };
        const onEnd = () => {
          leave();
          resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length));
        };
        const onLost = () => fail(new Refusal(400, 'incomplete', 'the body ended before its end'));
        const fail = (refusal: Refusal) => {
          leave();
          // What still comes is dropped, so that the client can send it and then read why.
          request.resume();
          reject(refusal);
        };
        const leave = () => {
          total -= length;
          request.off('data', onData).off('end', onEnd).off('error', onLost).off('close', onLost);
        };
        request.on('data', onData).on('end', onEnd).on('error', onLost).on('close', onLost);
      }),
  };
}

function tooLarge(limit: number): Refusal {
  return new Refusal(413, TOO_LARGE, `the body is longer than ${limit} bytes, the most that are taken`);
}
