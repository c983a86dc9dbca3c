/** @file The process that reads long bodies, and makes conformers of SMILES: either may take seconds. */
import { serveJobs } from './child-process.ts';
import type { ReaderSettings, ReadJob, ReadResult } from './messages.ts';
import { requestReader } from './read-request.ts';

serveJobs<ReaderSettings, ReadJob, ReadResult, true>(async ({ limits }) => {
  const read = requestReader(limits);
  return { ready: true, work: async (job) => (await read(job, false))! };
});
