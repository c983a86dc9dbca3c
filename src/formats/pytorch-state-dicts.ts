/**
 * Finding the weights in a checkpoint. A state dict names the tensors of one model; programs save it by itself, or in
 * dictionaries of their own beside the epoch, the arguments and the optimiser (`model_state_dict`, `state_dict`, `ema`).
 */

import { isPickleArray, type PickleArray, type PickleValue } from './pickle-value.ts';

export interface FoundStateDict {
  /** The keys and positions that lead to it, joined by dots: `model_state_dict`; '' for the whole file. */
  path: string;
  /** By the names in the file, in its order. */
  tensors: Map<string, PickleArray>;
}

/** Checkpoints nest a few levels; deeper ones are not searched. */
const MAX_DEPTH = 32;

/**
 * All state dicts in what `readPyTorch` gives, in the order of the file: dictionaries from texts to tensors and nothing
 * else, but for `_extra_state`, which modules of quantised layers add and which is left out. What lies in an
 * optimiser's dictionary (`state` and `param_groups`) is no model's. One that is saved under two names comes twice.
 */
export function findStateDicts(value: PickleValue): FoundStateDict[] {
  const found: FoundStateDict[] = [];
  /** What a dictionary is as a state dict, so that a shared one is looked at once. */
  const known = new Map<PickleValue, Map<string, PickleArray> | undefined>();
  const waiting: { value: PickleValue; path: string; depth: number }[] = [{ value, path: '', depth: 0 }];
  while (waiting.length > 0) {
    const { value, path, depth } = waiting.pop()!;
    const isNew = !known.has(value);
    if (isNew) known.set(value, asStateDict(value));
    const tensors = known.get(value);
    if (tensors !== undefined) found.push({ path, tensors });
    else if (isNew && depth < MAX_DEPTH) {
      const inner = childrenOf(value).map(([key, child]) => ({
        value: child,
        path: path === '' ? String(key) : `${path}.${key}`,
        depth: depth + 1,
      }));
      // The last comes off first.
      for (const child of inner.reverse()) waiting.push(child);
    }
  }
  return found;
}

/**
 * The tensors under names without a prefix that all of them have, such as the `module.` of torch.nn.DataParallel or
 * the `model.` of Lightning.
 * @throws RangeError that names a tensor without it.
 */
export function withoutPrefix(
  tensors: ReadonlyMap<string, PickleArray>,
  prefix: string,
): Map<string, PickleArray> {
  const renamed = new Map<string, PickleArray>();
  for (const [name, tensor] of tensors) {
    if (!name.startsWith(prefix)) {
      throw new RangeError(`tensor ${name} does not start with the prefix ${JSON.stringify(prefix)}`);
    }
    renamed.set(name.slice(prefix.length), tensor);
  }
  return renamed;
}

function asStateDict(value: PickleValue): Map<string, PickleArray> | undefined {
  if (!(value instanceof Map)) return undefined;
  const tensors = new Map<string, PickleArray>();
  for (const [key, entry] of value) {
    if (typeof key !== 'string') return undefined;
    if (isPickleArray(entry)) tensors.set(key, entry);
    else if (!key.endsWith('_extra_state')) return undefined;
  }
  return tensors.size > 0 ? tensors : undefined;
}

/** The containers in a container, with their keys or positions. */
function childrenOf(value: PickleValue): [string | number, PickleValue][] {
  const children: [string | number, PickleValue][] = [];
  const isOptimiser = value instanceof Map && value.has('state') && value.has('param_groups');
  if (isOptimiser || !(value instanceof Map || Array.isArray(value))) return children;
  for (const [key, child] of value.entries()) {
    const isName = typeof key === 'string' || typeof key === 'number';
    if (isName && (child instanceof Map || Array.isArray(child))) children.push([key, child]);
  }
  return children;
}
