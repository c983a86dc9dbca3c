/** @file A request that is not answered as asked: what its client is told, and nothing else. */

export class Refusal extends Error {
  override name = 'Refusal';
  readonly status: number;
  readonly code: string;
  /** Seconds after which to ask again. */
  readonly retryAfter: number | undefined;

  /** @param message for the client: no path, no stack, no secret */
  constructor(status: number, code: string, message: string, retryAfter?: number) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

export function refusalBody({ code, message }: { readonly code: string; readonly message: string }): string {
  return JSON.stringify({ error: { code, message } });
}
