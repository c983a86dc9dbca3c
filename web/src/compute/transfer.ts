/** @file The memory that moves with a message instead of being copied: that of all typed arrays in a value. */

/** The buffers of `value`, each once; shared memory cannot be transferred and needs no copy. */
export function transferables(value: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const seen = new Set<object>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null || seen.has(part)) return;
    seen.add(part);
    if (ArrayBuffer.isView(part)) visit(part.buffer);
    else if (part instanceof ArrayBuffer) buffers.add(part);
    else if (part instanceof Map) for (const entry of part) entry.forEach(visit);
    else if (Array.isArray(part) || part instanceof Set) part.forEach(visit);
    else Object.values(part).forEach(visit);
  };
  visit(value);
  return [...buffers];
}
