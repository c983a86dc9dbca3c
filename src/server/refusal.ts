/** @file A request that is not answered as asked: what its client is told, and nothing else. */

import type { FastifyError } from 'fastify';
import { ChildEndedError } from './child.ts';

/** For the log and the metrics; nobody gets it. */
export const CLIENT_HAS_GONE = 499;

export class Refusal extends Error {
  override name = 'Refusal';
  readonly status: number;
  readonly code: string;
  /** Seconds after which to ask again. */
  readonly retryAfter: number | undefined;

  /** @param message for the client: no path, no stack, no secret */
  constructor(status: number, code: string, message: string, retryAfter?: number) {
    // Where it was made is of no interest, and finding that out would be a third of what refusing costs in a flood.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export function refusalBody({ code, message }: { readonly code: string; readonly message: string }): string {
  return JSON.stringify({ error: { code, message } });
}

export function nothingHere(): Refusal {
  return new Refusal(404, 'not_found', 'there is nothing here; see /openapi.json');
}

/** Undefined for what is wrong with the server itself. */
export function refusalOf(error: FastifyError | Error): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof ChildEndedError)
    return new Refusal(
      503,
      'restarted',
      'the process that computed this has ended; another one takes over',
      1,
    );
  const { statusCode, code } = error as Partial<FastifyError>;
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return new Refusal(
      415,
      'unsupported_type',
      'bodies of this type are not taken; say content-type: application/json, or one of /openapi.json',
    );
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new Refusal(statusCode, 'invalid_request', 'the request cannot be understood');
  return undefined;
}

/** Status and code for what Node's parser says. */
export function malformed(code: string | undefined): [status: number, code: string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'slow'];
  return code === 'HPE_HEADER_OVERFLOW' ? [431, 'long_headers'] : [400, 'malformed'];
}
