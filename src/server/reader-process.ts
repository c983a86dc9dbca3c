/** @file The process that reads long bodies, and makes conformers of SMILES: either may take seconds. */
import { loadConformerGenerator } from '../formats/index.ts';
import { serveJobs } from './child-process.ts';
import type { ReaderSettings, ReadJob, ReadResult } from './messages.ts';
import { requestReader } from './read-request.ts';

serveJobs<ReaderSettings, ReadJob, ReadResult, true>(async ({ limits }) => {
  const read = requestReader(limits);
  // Takes a second at times, which is not to be on the account of the first request.
  await loadConformerGenerator();
  return { ready: true, work: async (job, signal) => (await read(job, signal))! };
});
