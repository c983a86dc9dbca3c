/** @file Loaded before a command line that is fuzzed: addresses end where there would be a network. */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { isIP } from 'node:net';

const noNetwork = (what: string) => Object.assign(new Error(`no network: ${what}`), { code: 'ENOTFOUND' });

globalThis.fetch = async (input) => {
  throw new TypeError('fetch failed', { cause: noNetwork(String(input)) });
};

const { lookup } = dns;
dns.lookup = ((name: string, ...rest: unknown[]) => {
  if (name === 'localhost' || isIP(name) > 0) return Reflect.apply(lookup, dns, [name, ...rest]);
  (rest.at(-1) as (error: Error) => void)(noNetwork(name));
}) as typeof lookup;
syncBuiltinESMExports();
