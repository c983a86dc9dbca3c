/** @file What tells two models apart, whatever their names. */
import { createHash } from 'node:crypto';
import type { LoadedModel } from '../models/index.ts';

/** A model as it is kept in memory; weights are copies. */
export type HeldContents = Awaited<ReturnType<typeof holdContents>>;

export async function holdContents({ config, network }: LoadedModel) {
  return { config, state: await network.stateDict() };
}

/** SHA-256 of the configuration and the weights, in hexadecimal. */
export function digestOf({ config, state }: HeldContents): string {
  const hash = createHash('sha256').update(JSON.stringify(config));
  for (const [name, { data }] of Object.entries(state))
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return hash.digest('hex');
}
