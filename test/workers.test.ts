// Built modules find the worker beside them, sources find the built one.
import { expect, it } from 'vitest';
import { workerUrl } from '../src/workers.ts';

it('points next to a built module, and from a source to its built counterpart', () => {
  expect(workerUrl('./worker.js', 'file:///p/dist/data/nbody/generate.js').href).toBe(
    'file:///p/dist/data/nbody/worker.js',
  );
  expect(workerUrl('./worker.js', 'file:///src/p/src/data/nbody/generate.ts').href).toBe(
    'file:///src/p/dist/data/nbody/worker.js',
  );
});
