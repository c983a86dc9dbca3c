/** @file Every way the engine can run, so that one test body covers them all. */
import { createReferenceBackend } from '../../src/backends/reference/reference.ts';
import { chooseVariant, type Variant, variants } from '../../src/backends/wasm/variant.ts';
import { createWasmBackend } from '../../src/backends/wasm/wasm.ts';
import { Engine } from '../../src/tensor/engine.ts';

export interface EngineUnderTest {
  readonly name: string;
  /** Largest relative error that float32 or float64 explains. */
  readonly tolerance: number;
  start(): Promise<Engine>;
}

const wasm = (variant: Variant, threads: number): EngineUnderTest => ({
  name: `wasm ${variant}, ${threads} thread${threads === 1 ? '' : 's'}`,
  tolerance: 2e-5,
  start: async () => new Engine(await createWasmBackend({ variant, threads })),
});

const runnable: Variant[] = [];
for (const variant of variants) {
  const refusal = await chooseVariant(variant).then(
    () => undefined,
    (error: Error) => error.message,
  );
  if (refusal) console.warn(`not tested here: ${refusal}`);
  else runnable.push(variant);
}

export const reference: EngineUnderTest = {
  name: 'reference',
  tolerance: 1e-9,
  start: async () => new Engine(createReferenceBackend()),
};

export const engines: EngineUnderTest[] = [
  reference,
  ...runnable.flatMap((variant) => [wasm(variant, 1), wasm(variant, 2)]),
  wasm(runnable[0], 3),
];
