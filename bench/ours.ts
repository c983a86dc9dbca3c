/** @file Our side as a process of its own (`--threads N`), so that its memory and its compiled code are its own. */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Engine, startEngine } from '../dist/index.js';
import { type Arrays, writeArrays } from './arrays.ts';
import { Ours } from './model.ts';
import type { Answer, Request } from './protocol.ts';

const { values } = parseArgs({ options: { threads: { type: 'string' } } });

let engine: Engine | undefined;
let ours: Ours;

async function answer(request: Request): Promise<Answer> {
  switch (request.op) {
    case 'open':
      engine ??= await startEngine({ threads: Number(values.threads) });
      ours = new Ours(engine, request.case, request.folder);
      return { about: `egnn on ${engine.backend.description}, Node ${process.versions.node}` };
    case 'check':
      writeArrays(request.file, await results());
      return {};
    case 'run':
      return { milliseconds: await run(request.seconds) };
    case 'peak':
      return { bytes: process.resourceUsage().maxRSS * 1024 };
  }
}

async function results(): Promise<Arrays> {
  const vector = (values: ArrayLike<number>) => ({ data: Float32Array.from(values), shape: [values.length] });
  if (ours.mode === 'forward') return { output: vector(await ours.forward()) };
  const results: Arrays = { loss: vector([await ours.train()]) };
  const { weights, gradients } = await ours.state();
  for (const [name, weight] of Object.entries(weights)) results[`weight.${name}`] = vector(weight.data);
  for (const [name, gradient] of Object.entries(gradients))
    results[`gradient.${name}`] = vector(gradient.data);
  return results;
}

/** Once unmeasured, because another side has had the caches since; then until the time is over. */
async function run(seconds: number): Promise<number[]> {
  await ours.run();
  const milliseconds: number[] = [];
  const end = performance.now() + seconds * 1000;
  while (milliseconds.length === 0 || performance.now() < end) {
    const start = performance.now();
    await ours.run();
    milliseconds.push(performance.now() - start);
  }
  return milliseconds;
}

for await (const line of createInterface({ input: process.stdin }))
  try {
    console.log(JSON.stringify(await answer(JSON.parse(line))));
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).message } satisfies Answer));
  }
engine?.close();
