/** @file Who may ask: keys, names of this machine, and the headers that say so to browsers. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { BlockList, isIP } from 'node:net';

/** Shorter ones can be guessed. */
const SHORTEST_KEY = 16;

/** Where keys come from. */
export interface KeySources {
  /** Of the environment: keys with commas or spaces between them. */
  readonly variable?: string;
  /** The path of a file: one a line; # begins a comment. */
  readonly file?: string;
}

/**
 * All keys of the sources; none if there are no sources.
 * @throws Error for a source without a key, a key that is too short, or one that a header cannot hold; the message says
 *   where it is and does not have it
 */
export async function readKeys({ variable, file }: KeySources): Promise<string[]> {
  const keys: string[] = [];
  if (variable !== undefined)
    keys.push(
      ...checkedKeys(
        'EGNN_API_KEYS',
        variable.split(/[\s,]+/).map((key, k) => ({ key, place: `EGNN_API_KEYS, key ${k + 1}` })),
      ),
    );
  if (file !== undefined)
    keys.push(
      ...checkedKeys(
        file,
        (await readFile(file, 'utf8')).split('\n').map((line, k) => ({
          key: line.replace(/(^|\s)#.*/, '').trim(),
          place: `${file}, line ${k + 1}`,
        })),
      ),
    );
  return keys;
}

function checkedKeys(source: string, found: readonly { key: string; place: string }[]): string[] {
  const keys = found.filter(({ key }) => key !== '');
  if (keys.length === 0) throw new Error(`${source} has no API key; openssl rand -hex 32 makes one`);
  for (const { key, place } of keys) {
    if (key.length < SHORTEST_KEY)
      throw new Error(
        `${place}: an API key of fewer than ${SHORTEST_KEY} characters; openssl rand -hex 32 makes one`,
      );
    if (!/^[\x21-\x7e]+$/.test(key))
      throw new Error(`${place}: an API key has letters, digits and signs of ASCII, and no spaces`);
  }
  return keys.map(({ key }) => key);
}

/** Whether others on this machine than its owner can read a file. */
export async function isReadByOthers(file: string): Promise<boolean> {
  return process.platform !== 'win32' && ((await stat(file)).mode & 0o044) !== 0;
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

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** The name or address of a Host header, without the port; undefined for what is none. */
export function hostOf(header: string | undefined): string | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/.exec(header ?? '');
  return parts ? (parts[1] ?? parts[2]).toLowerCase() : undefined;
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
