/**
 * @file report.json of a run's folder: what a report shows and the other files of the run do not hold. Where the run took
 * place, how much memory it took, and what the model says of the samples. report.html is made from it, and so are later
 * plots and comparisons, without the model or the data.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWholeFile } from '../files.ts';
import { measurementSchema } from './measurement.ts';

const schema = z.object({
  format: z.literal('egnn-report'),
  version: z.literal(1),
  /** How the run ended; `running` where nobody knows, as after a power cut. */
  status: z.enum(['finished', 'early', 'interrupted', 'failed', 'running']),
  /** Why it failed. */
  failure: z.string().optional(),
  /** When this was written, in UTC: `2021-02-19 12:00`. */
  written: z.string(),
  environment: z.object({
    egnn: z.string(),
    node: z.string(),
    platform: z.string(),
    processor: z.string(),
    cores: z.number(),
    backend: z.string(),
    threads: z.number(),
  }),
  /** The most memory that the training process has held, in bytes; undefined where it was not this process that trained. */
  peakMemory: z.number().optional(),
  measurement: measurementSchema.optional(),
});
export type ReportRecord = z.infer<typeof schema>;

const NAME = 'report.json';

export async function saveRecord(folder: string, record: ReportRecord): Promise<void> {
  await writeWholeFile(join(folder, NAME), `${JSON.stringify(record)}\n`);
}

/** Undefined where there is none, or it is not one of this version: it can be made again. */
export async function readRecord(folder: string): Promise<ReportRecord | undefined> {
  try {
    return schema.safeParse(JSON.parse(await readFile(join(folder, NAME), 'utf8'))).data;
  } catch {
    return undefined;
  }
}
