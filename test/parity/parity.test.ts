import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNpz } from '../../src/formats/index.ts';
import { checkParityCase } from '../../src/parity/parity.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { engines } from '../support/engines.ts';

const fixtures = new URL('../fixtures/parity', import.meta.url).pathname;
const realWidth = new URL('../../../shared/fixtures', import.meta.url).pathname;

describe.each(engines)('parity with the authors on $name', ({ start }) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.close());

  const casesIn = (folder: string) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.npz'))
      .map((name) => join(folder, name));

  test.each(casesIn(fixtures))('%s', (path) => expectParity(path));
  test.skipIf(!existsSync(realWidth)).each(existsSync(realWidth) ? casesIn(realWidth) : ['real width'])(
    '%s',
    (path) => expectParity(path),
  );

  async function expectParity(path: string): Promise<void> {
    const { differences, passed } = await checkParityCase(engine, readNpz(readFileSync(path)));
    expect(passed, JSON.stringify(differences)).toBe(true);
  }
});
