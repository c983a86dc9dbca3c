/** @file Who is being answered, and the memory that takes: places in the queue, and bytes until clients have taken their answers. */
import type { ServerResponse } from 'node:http';
import type { Limits } from './options.ts';
import { Refusal } from './refusal.ts';

/** A place in the queue, and memory. */
export interface Place {
  /** So many bytes more. @throws Refusal 503 if all requests together would hold too many */
  hold(bytes: number): void;
  /** Gives the place to others; the memory is held until the client has taken the answer, for which it has a while. */
  leave(): void;
}

export interface Occupancy {
  /** Taken on and not answered. */
  readonly requests: number;
  readonly isFull: boolean;
  /** Takes a place for what is answered with `response`. */
  enter(response: ServerResponse): Place;
}

export function createOccupancy({ queue, totalBytes, seconds }: Limits): Occupancy {
  let requests = 0;
  let heldBytes = 0;
  return {
    get requests() {
      return requests;
    },
    get isFull() {
      return requests >= queue;
    },
    enter(response) {
      let own = 0;
      requests++;
      response.once('close', () => {
        heldBytes -= own;
        own = 0;
      });
      return {
        hold(bytes) {
          if (response.closed) return;
          if (heldBytes + bytes > totalBytes)
            throw new Refusal(503, 'busy', 'too much is being answered at the moment', 1);
          own += bytes;
          heldBytes += bytes;
        },
        leave() {
          requests--;
          takeWithin(response, seconds);
        },
      };
    },
  };
}

/** Ends the connection of a client that does not take its answer. */
function takeWithin(response: ServerResponse, seconds: number): void {
  if (response.closed) return;
  const timer = setTimeout(() => response.destroy(), seconds * 1000);
  response.once('close', () => clearTimeout(timer));
}
