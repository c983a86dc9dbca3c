// Some thousands of mutated requests: none ends in an error of the server, a hang, or the end of one of its processes.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mutatedRequest, sendMutated } from './fuzz.ts';
import { isBuilt, makeFolder, type Running, removeFolder, start } from './running-server.ts';

describe.skipIf(!isBuilt)('mutated requests (skipped when dist/ is not built)', () => {
  let folder: string;
  let server: Running;
  beforeAll(async () => {
    folder = await makeFolder();
    server = await start(folder, ['mu', 'points']);
  });
  afterAll(async () => {
    await server?.stop();
    removeFolder(folder);
  });

  it('get predictions, or are told what is wrong', async () => {
    const requests = fc.array(mutatedRequest, { minLength: 16, maxLength: 16 });
    const seen = new Set<number>();
    const property = fc.asyncProperty(requests, async (several) => {
      for (const status of await Promise.all(several.map((each) => sendMutated(server, each))))
        seen.add(status);
    });
    await fc.assert(property, { numRuns: 125 });
    // All ways out were taken.
    for (const status of [200, 400, 404, 415, 422]) expect(seen).toContain(status);
    // pino's levels from 40 on are warnings and errors.
    expect(server.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });
});
