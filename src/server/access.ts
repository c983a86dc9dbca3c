/** @file Who may ask: keys, names of this machine, and the headers that say so to browsers. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

/** Shorter ones can be guessed. */
const SHORTEST_KEY = 16;

/**
 * The keys of an environment variable (separated by commas or spaces) and of a file (one a line; # begins a comment).
 * @throws Error for a key that is too short; the message does not have it
 */
export async function readKeys(variable: string | undefined, file: string | undefined): Promise<string[]> {
  const lines = file === undefined ? [] : (await readFile(file, 'utf8')).split('\n');
  const keys = [
    ...(variable ?? '').split(/[\s,]+/),
    ...lines.map((line) => line.replace(/^\s*#.*/, '').trim()),
  ].filter((key) => key !== '');
  const short = keys.findIndex((key) => key.length < SHORTEST_KEY);
  if (short >= 0)
    throw new Error(
      `API key ${short + 1} has fewer than ${SHORTEST_KEY} characters; openssl rand -hex 32 makes one`,
    );
  return keys;
}

/**
 * Tells which key an `Authorization: Bearer KEY` header has, counted from 1; undefined for none. All keys are compared,
 * by digests of one length, so that the time tells nothing of a key.
 */
export function keyFinder(keys: readonly string[]): (header: string | undefined) => number | undefined {
  const digests = keys.map(digestOf);
  return (header) => {
    const given = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
    if (given === undefined) return undefined;
    const digest = digestOf(given);
    let found: number | undefined;
    for (const [k, each] of digests.entries()) if (timingSafeEqual(each, digest)) found = k + 1;
    return found;
  };
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Whether a Host header names this machine by a loopback name. A page of a stranger that lets its own name point to
 * 127.0.0.1 could ask in a browser's name otherwise.
 */
export function namesLoopback(header: string | undefined): boolean {
  const host = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(header ?? '');
  return host !== null && isLoopback((host[1] ?? host[2]).toLowerCase());
}

/** @param policy of the content */
export function securityHeaders(policy: string): Record<string, string> {
  return {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
