/**
 * @file Checkpoints as files of a run's folder: state-STEP.safetensors, one file with everything, so that a checkpoint is
 * there or not. The last two are kept. Each carries a SHA-256 of what it holds: where the newest is damaged, the one before
 * it is what counts.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Numbers } from '../backends/backend.ts';
import { writeWholeFile } from '../files.ts';
import {
  readSafetensors,
  type Safetensors,
  type SafetensorsInput,
  writeSafetensors,
} from '../formats/index.ts';

/** What a resumed run needs: plain data, and flat arrays by name. */
export interface Checkpoint<State> {
  readonly state: State;
  readonly tensors: Record<string, Numbers>;
}

const NAME = /^state-(\d+)\.safetensors$/;
const KEPT = 2;
const CHECKSUM_KEY = 'sha256';
const STATE_KEY = 'state';

/** Whether a file of this name in a run's folder is one. */
export function isCheckpoint(name: string): boolean {
  return NAME.test(name);
}

/** @param good names of checkpoints known to be whole, newest first @returns the same with the new one */
export async function writeCheckpoint<State extends { step: number }>(
  folder: string,
  { state, tensors }: Checkpoint<State>,
  good: readonly string[],
): Promise<string[]> {
  const name = `state-${state.step}.safetensors`;
  const named = Object.entries(tensors).map(
    ([key, data]) => [key, { data, shape: [data.length] }] as [string, SafetensorsInput],
  );
  await writeWholeFile(join(folder, name), packChecked(named, { [STATE_KEY]: JSON.stringify(state) }));
  const kept = [name, ...good.filter((other) => other !== name)].slice(0, KEPT);
  // state.json: what earlier versions wrote beside the tensors.
  for (const other of await readdir(folder))
    if ((isCheckpoint(other) && !kept.includes(other)) || other === 'state.json')
      await rm(join(folder, other), { force: true });
  return kept;
}

interface FoundCheckpoint<State> {
  readonly checkpoint: Checkpoint<State>;
  readonly name: string;
  /** What is wrong with newer ones. */
  readonly damaged: readonly string[];
}

/**
 * The newest checkpoint that is whole; undefined where there is none at all.
 * @throws Error if there are checkpoints, and all of them are damaged
 */
export async function readNewestCheckpoint<State>(
  folder: string,
): Promise<FoundCheckpoint<State> | undefined> {
  const names = (await readdir(folder))
    .filter(isCheckpoint)
    .sort((a, b) => Number(NAME.exec(b)![1]) - Number(NAME.exec(a)![1]));
  const damaged: string[] = [];
  for (const name of names) {
    try {
      const { tensors, metadata, checked } = unpackChecked(await readFile(join(folder, name)));
      // Its name is a part of the file that may be damaged too.
      if (STATE_KEY in metadata && !checked) throw new Error('it is damaged (it has no checksum)');
      const state = metadata[STATE_KEY] ?? (await stateOfEarlierVersions(folder, name));
      const arrays = Object.fromEntries([...tensors].map(([key, { data }]) => [key, data as Numbers]));
      return { checkpoint: { state: JSON.parse(state) as State, tensors: arrays }, name, damaged };
    } catch (error) {
      damaged.push(`${join(folder, name)} cannot be used: ${(error as Error).message}`);
    }
  }
  if (damaged.length > 0)
    throw new Error(
      `${damaged.join('; ')}; no checkpoint is left: once these are deleted, the run begins anew`,
    );
  return undefined;
}

/** A safetensors file with a checksum of its tensors and of the other metadata. */
export function packChecked(
  tensors: Iterable<readonly [string, SafetensorsInput]>,
  metadata: Record<string, string>,
): Uint8Array<ArrayBuffer> {
  const named = [...tensors];
  return writeSafetensors(named, { ...metadata, [CHECKSUM_KEY]: checksum(named, metadata) });
}

/**
 * @returns the contents, and whether there was a checksum to hold them against
 * @throws FormatError or Error if the file is damaged
 */
export function unpackChecked(bytes: Uint8Array): Safetensors & { readonly checked: boolean } {
  const contents = readSafetensors(bytes);
  const { [CHECKSUM_KEY]: expected, ...metadata } = contents.metadata;
  if (expected !== undefined && checksum(contents.tensors, metadata) !== expected)
    throw new Error('it is damaged (its checksum does not match)');
  return { ...contents, metadata, checked: expected !== undefined };
}

function checksum(
  tensors: Iterable<readonly [string, SafetensorsInput]>,
  metadata: Readonly<Record<string, string>>,
): string {
  const hash = createHash('sha256');
  const byName = <T>([a]: readonly [string, T], [b]: readonly [string, T]) => (a < b ? -1 : 1);
  hash.update(JSON.stringify(Object.entries(metadata).sort(byName)));
  for (const [name, { data, shape }] of [...tensors].sort(byName)) {
    hash.update(JSON.stringify([name, shape]));
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

async function stateOfEarlierVersions(folder: string, name: string): Promise<string> {
  const text = await readFile(join(folder, 'state.json'), 'utf8');
  if (JSON.parse(text).tensors !== name) throw new Error('state.json is of another checkpoint');
  return text;
}
