/** @file `egnn predict MODEL INPUT...`: the predictions of a model for files of molecules or graphs. */
import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { LoadedModel } from '../models/index.ts';
import { findInputs, type Input, readInputs, STANDARD_INPUT } from '../predict/inputs.ts';
import { graphJob, type Job, type JobKind, jobKindOf, moleculeJob } from '../predict/jobs.ts';
import { digestOf, holdContents } from '../predict/model-digest.ts';
import { type OutputFormat, outputFormats } from '../predict/outputs.ts';
import { type Identity, PartialFile } from '../predict/partial-file.ts';
import { BEGINNING, InvalidRecordError, type Progress, runPredictions } from '../predict/run.ts';
import type { EngineOptions } from '../start-engine.ts';
import { InterruptedError, UsageError, withHint } from './errors.ts';
import { expectFile } from './free-folder.ts';
import { interruptible } from './interrupt.ts';
import { openModel } from './open-model.ts';
import { PredictionReporter } from './predict-reporter.ts';
import { withEngine } from './session.ts';
import { addSettingFlags, parseEngineOptions } from './settings.ts';
import { version } from './version.ts';

interface PredictFlags extends EngineOptions {
  readonly out?: string;
  readonly to?: OutputFormat;
  readonly format?: string;
  readonly forces?: string | true;
  readonly skipInvalid?: boolean;
  readonly overwrite?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const OUTPUT_ENDINGS: Record<string, OutputFormat> = {
  '.csv': 'csv',
  '.jsonl': 'jsonl',
  '.ndjson': 'jsonl',
  '.xyz': 'xyz',
  '.extxyz': 'xyz',
  '.npz': 'npz',
};

export function addPredictCommand(program: Command): void {
  const command = program
    .command('predict <model> <input...>')
    .description('predict properties of molecules, or features, coordinates and properties of graphs')
    .option('--out <file>', 'where to write; standard output if left out')
    .addOption(
      new Option(
        '--to <format>',
        "format of the output (--out's ending, else csv; jsonl for graphs)",
      ).choices(outputFormats),
    )
    .option('--format <ending>', 'format of the inputs in place of their endings: xyz, sdf, smi, ...')
    .option('--forces [output]', 'also -d output / d position, in xyz, jsonl and npz')
    .option('--skip-invalid', 'go on after records that cannot be read or predicted')
    .option('--overwrite', 'replace the output if it exists')
    .option('--quiet', 'no progress')
    .option('--json', 'one JSON object at the end; with --out');
  addSettingFlags(command, ['threads', 'backend'])
    .addHelpText(
      'after',
      `
MODEL is a model folder (egnn import makes one), a single .safetensors file, the folder of a training run, or a model
of the package: nbody, qm9.
INPUT is a file, a quoted pattern (*, ?, [ab], ** for folders), or - for standard input with --format.
  molecules  .xyz .extxyz .sdf .mol .pdb .ent .cif .mmcif .csv .smi, .npz in the layout of QM9
  graphs     .jsonl .ndjson .npz of X, C and optional E, A, V, B, for other models

An interrupted run leaves FILE.partial; the same command goes on there.

Examples:
  $ egnn predict qm9 molecules.sdf
  $ egnn predict models/mu 'screening/**/*.sdf' --out predictions.csv --skip-invalid
  $ egnn predict models/energy ethanol.xyz --forces --out forces.xyz
  $ zcat library.smi.gz | egnn predict models/mu - --format smi --to jsonl | head`,
    )
    .action((model: string, inputs: string[], flags: PredictFlags) =>
      interruptible((signal) => predictCommand(model, inputs, flags, signal)),
    );
}

async function predictCommand(
  path: string,
  names: readonly string[],
  flags: PredictFlags,
  signal: AbortSignal,
): Promise<void> {
  const to = outputFormat(flags);
  if (flags.json && flags.out === undefined)
    throw new UsageError('--json needs --out: standard output has the predictions');
  if (names.filter((name) => name === STANDARD_INPUT).length > 1)
    throw new UsageError('standard input can be read once; give - once');
  if (flags.out !== undefined && existsSync(flags.out) && !flags.overwrite)
    throw new UsageError(`${flags.out} exists; --overwrite replaces it`);
  expectFile(flags.out);
  await withEngine(parseEngineOptions(flags), async (engine) => {
    const model = await openModel(path, engine);
    const kind = jobKindOf(model);
    const run = { model, kind, names, flags, signal };
    if (kind === 'molecules') {
      const forces = forcesOutput(model, flags);
      if (forces !== undefined && (to ?? 'csv') === 'csv')
        throw new UsageError('csv has no place for forces; write xyz, jsonl or npz (--to)');
      await predictJob(moleculeJob(model, to ?? 'csv', forces), { ...run, to: to ?? 'csv', forces });
    } else {
      if (flags.forces !== undefined)
        throw new UsageError('this model has no output a molecule to take forces of');
      if (to === 'csv' || to === 'xyz')
        throw new UsageError(`${to} has no place for the outputs of graphs; write jsonl or npz (--to)`);
      await predictJob(graphJob(model, to ?? 'jsonl'), { ...run, to: to ?? 'jsonl', forces: undefined });
    }
  });
}

/** Undefined where the model decides. @throws UsageError if it cannot be told from the output's name */
function outputFormat({ to, out }: PredictFlags): OutputFormat | undefined {
  if (out === undefined && to === 'npz')
    throw new UsageError('npz is not written to standard output; give --out FILE');
  if (to !== undefined || out === undefined) return to;
  const format = OUTPUT_ENDINGS[extname(out).toLowerCase()];
  if (format) return format;
  throw new UsageError(
    `${out} ends in none of ${Object.keys(OUTPUT_ENDINGS).join(', ')}; say --to ${outputFormats.join('|')}`,
  );
}

/** @throws UsageError if it is not clear which output is meant, or the model has none of that name */
function forcesOutput({ outputs }: LoadedModel, { forces }: PredictFlags): string | undefined {
  if (forces === undefined) return undefined;
  const names = outputs.map(({ name }) => name);
  if (forces === true && names.length === 1) return names[0];
  if (forces !== true && names.includes(forces)) return forces;
  const asked =
    forces === true ? '--forces needs the name of an output' : `the model has no output ${forces}`;
  throw new UsageError(`${asked}; it has ${names.join(', ')}`);
}

interface RunContext {
  readonly model: LoadedModel;
  readonly kind: JobKind;
  readonly to: OutputFormat;
  readonly forces: string | undefined;
  readonly names: readonly string[];
  readonly flags: PredictFlags;
  readonly signal: AbortSignal;
}

async function predictJob<Item, Result>(job: Job<Item, Result>, context: RunContext): Promise<void> {
  const { kind, flags, names, signal } = context;
  const { out, skipInvalid = false } = flags;
  const inputs = await findInputs(names, job.formats, flags.format);
  if (out !== undefined && inputs.some(({ name }) => resolve(name) === resolve(out)))
    throw new UsageError(`${out} is an input too; choose another --out`);
  const reporter = new PredictionReporter(flags, kind);
  const isStream = inputs.some(({ name }) => name === STANDARD_INPUT);
  const partial =
    out === undefined
      ? undefined
      : await PartialFile.open({
          path: out,
          identity: await identityOf(context, inputs),
          skipInvalid,
          resumable: !isStream,
          header: job.encoder.header,
        });
  if (partial?.notice) reporter.say(partial.notice);
  if (!partial) await writeStandardOutput(job.encoder.header);
  const before = partial?.progress ?? BEGINNING;
  let progress = before;
  reporter.begin(before);
  try {
    progress = await runPredictions({
      entries: readInputs(inputs, before, signal),
      progress: before,
      predictor: job.predictor,
      encode: job.encoder.encode,
      write: partial ? (text, now) => partial.write(text, now) : writeStandardOutput,
      onSkipped: skipInvalid ? (problem) => reporter.skipped(problem) : undefined,
      onProgress: (now) => {
        progress = now;
        reporter.predicting(now);
      },
      signal,
    });
    if (partial && out !== undefined) await finish(partial, out, job, inputs, signal);
  } catch (error) {
    await partial?.leave();
    if (!signal.aborted) throw explained(error, partial);
    const kept = partial
      ? isStream
        ? `; they are in ${partial.path}, but standard input cannot be continued`
        : `; ${partial.path} keeps them, and the same command goes on there`
      : '';
    throw new InterruptedError(`interrupted after ${progress.written} ${kind}${kept}`);
  }
  reporter.end(progress, out);
}

async function finish<Item, Result>(
  partial: PartialFile,
  out: string,
  { convert }: Job<Item, Result>,
  inputs: readonly Input<Item>[],
  signal: AbortSignal,
): Promise<void> {
  const files = inputs.map(({ name }) => name);
  await partial.finish(
    out,
    convert &&
      (async () => {
        const whole = `${partial.path}.npz`;
        await convert(partial.path, whole, files, signal);
        return whole;
      }),
  );
}

/** All that the text of a record depends on, but for the number of threads, which moves last bits. */
async function identityOf<Item>(
  { model, to, forces, flags }: RunContext,
  inputs: readonly Input<Item>[],
): Promise<Identity> {
  return {
    version: version(),
    model: digestOf(await holdContents(model)),
    inputs: inputs.map(({ name, size, modified }) => ({ name, size, modified })),
    format: flags.format,
    to,
    forces,
    precision: model.network.engine.backend.precision,
  };
}

/** An error with what is kept, and how to go on. */
function explained(error: unknown, partial: PartialFile | undefined): unknown {
  if (!(error instanceof Error)) return error;
  const kept = partial && `${partial.path} keeps the ${partial.progress.written} records before it`;
  if (error instanceof InvalidRecordError)
    return withHint(error, `--skip-invalid goes on after such records${kept ? `; ${kept}` : ''}`);
  const isWriting = (error as NodeJS.ErrnoException).syscall === 'write';
  return partial && isWriting ? withHint(error, `${kept}; make room and give the same command again`) : error;
}

function writeStandardOutput(text: string, _progress?: Progress): Promise<void> {
  if (text === '') return Promise.resolve();
  return new Promise((done) => {
    process.stdout.write(text, (error) => {
      // The process ends by itself; see main.ts.
      if (!error) done();
    });
  });
}
