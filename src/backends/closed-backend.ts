/** @file What is left of a backend that is closed: what it was, and an error for whatever it is asked to do. */
import type { Backend } from './backend.ts';

export function closedBackend(backend: Backend): Backend {
  const members = Object.entries(backend).map(([name, member]) => [
    name,
    typeof member === 'function' ? refuse : member,
  ]);
  return { ...Object.fromEntries(members), close() {} };
}

/** @throws Error always */
export function refuse(): never {
  throw new Error('the engine is closed');
}
