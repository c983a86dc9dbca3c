/** The files that PyTorch wrote (test/fixtures/pytorch/make.py), and what is in them in one comparable form. */
import { readdirSync, readFileSync } from 'node:fs';
import type { PickleValue } from '../../src/formats/index.ts';

const FOLDER = new URL('../fixtures/pytorch/', import.meta.url);

export const fixture = (name: string): Uint8Array => readFileSync(new URL(name, FOLDER));

/** Names of files that hold what expected.json says, by their ending. */
export const fixtures = (ending: '.pt' | '.pickle'): string[] =>
  readdirSync(FOLDER).filter((name) => name.endsWith(ending) && !name.startsWith('refused'));

const all = JSON.parse(readFileSync(new URL('expected.json', FOLDER), 'utf8')) as Record<string, unknown>;

/** What a file holds, whatever its protocol and form. */
export const expectedOf = (name: string): unknown => all[/^[a-z_]+?(?=[0-9.]|_legacy)/.exec(name)![0]];

/** As make.py writes values into expected.json. */
export function plain(value: PickleValue): unknown {
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { float: Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf' };
  }
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') };
  if (value instanceof Set) return { set: [...value].map(plain).sort((a, b) => Number(a) - Number(b)) };
  if (value instanceof Map) return { dict: [...value].map(([key, entry]) => [plain(key), plain(entry)]) };
  if ('python' in value) return value.python;
  const { dtype, shape, data } = value;
  return { dtype, shape, data: Array.from<number | bigint, unknown>(data, exact) };
}

function exact(element: number | bigint): unknown {
  if (typeof element === 'number') return plain(element);
  const rounded = Number(element);
  return Number.isSafeInteger(rounded) ? rounded : { int: String(element) };
}
