/** @file Bodies of requests as bytes, with a limit for each and one for all that are being received. */
import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

export interface BodyCollector {
  /** @throws Refusal 413 or 503 */
  collect(request: IncomingMessage): Promise<Buffer>;
}

export function createBodyCollector(limits: { bodyBytes: number; totalBytes: number }): BodyCollector {
  let total = 0;
  return {
    async collect(request) {
      const claimed = Number(request.headers['content-length'] ?? 0);
      if (claimed > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
      const chunks: Buffer[] = [];
      let length = 0;
      try {
        for await (const chunk of request as AsyncIterable<Buffer>) {
          length += chunk.length;
          total += chunk.length;
          if (length > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
          if (total > limits.totalBytes)
            throw new Refusal(503, 'busy', 'too much is being received at the moment', 1);
          chunks.push(chunk);
        }
      } catch (error) {
        if (error instanceof Refusal) throw error;
        throw new Refusal(400, 'incomplete', 'the body ended before its end');
      } finally {
        total -= length;
      }
      return Buffer.concat(chunks, length);
    },
  };
}

function tooLarge(limit: number): Refusal {
  return new Refusal(413, 'too_large', `the body is longer than ${limit} bytes, the most that are taken`);
}
