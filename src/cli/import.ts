/** @file `egnn import FILE`: a model folder from a checkpoint of another program. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { CONFIG_FILE } from '../models/files.ts';
import { writeModelFolder } from '../models/folder.ts';
import {
  type Assumption,
  architectures,
  type Imported,
  type ImportOptions,
  importWeights,
  LoadedModel,
  type ModelConfig,
} from '../models/index.ts';
import { startEngine } from '../start-engine.ts';
import { readCheckpointFile, readTrainingArguments } from './checkpoint-file.ts';
import { UsageError, withHint } from './errors.ts';
import { expectFolder, freeFolder } from './free-folder.ts';
import { Reporter, reportMode } from './reporter.ts';

interface ImportFlags {
  readonly out?: string;
  readonly from?: string;
  readonly state?: string;
  readonly prefix?: string;
  readonly args?: string;
  readonly set?: readonly string[];
  readonly elements?: string;
  readonly chargePowers?: string;
  readonly maximumCharge?: string;
  readonly output?: readonly string[];
  readonly yes?: boolean;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

const collect = (value: string, before: readonly string[] = []) => [...before, value];

export function addImportCommand(program: Command): void {
  program
    .command('import <file>')
    .description('a model folder from a PyTorch or safetensors file of another program')
    .option('--out <folder>', 'where the model goes (models/NAME of the file)')
    .option(
      '--from <architecture>',
      `one of ${architectures.map(({ name }) => name).join(', ')}; found by itself`,
    )
    .option('--state <path>', 'which state dict of the file, such as model_state_dict')
    .option('--prefix <text>', "what the network's weights start with, such as dynamics.egnn.")
    .option('--args <file>', 'args.pickle of the training; one beside the checkpoint is found by itself')
    .option('--set <option=value>', 'an option that the weights do not tell; may come several times', collect)
    .option('--elements <symbols>', 'elements of the one-hot code, in order, such as H,C,N,O,F')
    .option('--charge-powers <list>', 'powers of Z / maximum charge for each element', '0')
    .option('--maximum-charge <Z>', 'what Z is divided by', '9')
    .option('--output <name:unit:mean:scale>', 'what an output means; once for each, in order', collect)
    .option('--overwrite', 'replace a model that is in the folder already')
    .option('--yes', 'take all assumptions without asking')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
Names and shapes tell the architecture and most of its options. What they do not tell is asked for in a terminal, and
assumed elsewhere or with --yes; every assumption is said and written into the model's card.

Examples:
  $ egnn import best_checkpoint.pt --elements H,C,N,O,F --output mu:D:2.6753:1.1772
  $ egnn import generative_model_ema.pt --out models/edm --set tanh=15
  $ egnn import egnn.pt --from lucidrains --set fourierFeatures=4 --set messageAggregation=mean`,
    )
    .action(importCommand);
}

async function importCommand(file: string, flags: ImportFlags): Promise<void> {
  const reporter = new Reporter(reportMode(flags));
  if (flags.out && !flags.overwrite && existsSync(join(flags.out, CONFIG_FILE)))
    throw new UsageError(`${flags.out} holds a model already; --overwrite replaces it`);
  expectFolder(flags.out);
  const { weights, path } = await readCheckpointFile(file, flags.state);
  const trained = await readTrainingArguments(file, flags.args);
  const options: ImportOptions = {
    architecture: flags.from,
    prefix: flags.prefix,
    options: parseSets(flags.set ?? []),
    trained: trained?.values,
    describe: describe(flags),
    file: basename(file),
  };
  let imported = tryImport(weights, options);
  reporter.say(
    `${file}${path ? ` (${path})` : ''}: ${architectures.find(({ name }) => name === imported.architecture)!.about}` +
      `${imported.prefix ? `, below '${imported.prefix}'` : ''}`,
  );
  if (trained) reporter.say(`options from ${trained.file}`);
  const asks = !flags.yes && !flags.json && process.stdin.isTTY && process.stderr.isTTY;
  if (asks && imported.assumed.length > 0) {
    const answers = await ask(imported.assumed);
    imported = tryImport(weights, { ...options, options: { ...options.options, ...answers } });
  }
  for (const { option, value, why } of imported.assumed)
    reporter.say(
      `assumed: ${option} = ${JSON.stringify(value)} (${why}); change it with --set ${option}=...`,
    );
  if (imported.unused.length > 0)
    reporter.say(`left out, no part of the network: ${summary(imported.unused)}`);

  const engine = await startEngine({ backend: 'reference' });
  const { network } = new LoadedModel(engine, imported);
  const out = flags.out ?? freeFolder(basename(file).replace(/\.[^.]+$/, ''), 'models');
  await writeModelFolder(out, imported);
  const { architecture, prefix, assumed, unused, config } = imported;
  reporter.json({ out, architecture, prefix, parameters: network.parameterCount, assumed, unused, config });
  reporter.result(`${network.parameterCount.toLocaleString('en')} parameters in ${out}`);
  engine.close();
}

/** @throws UsageError for an option that is unknown or does not fit the weights */
function tryImport(weights: Parameters<typeof importWeights>[0], options: ImportOptions): Imported {
  try {
    return importWeights(weights, options);
  } catch (error) {
    throw withHint(new UsageError((error as Error).message), 'see egnn import --help');
  }
}

/** Asks for every option; an empty answer takes what is assumed. */
async function ask(assumptions: readonly Assumption[]): Promise<Record<string, unknown>> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answers: Record<string, unknown> = {};
  try {
    for (const { option, value, why } of assumptions) {
      const answer = await terminal.question(`${option} [${JSON.stringify(value)}] (${why}): `);
      if (answer.trim() !== '') answers[option] = parseValue(answer.trim());
    }
  } finally {
    terminal.close();
  }
  return answers;
}

function parseSets(sets: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    sets.map((set) => {
      const at = set.indexOf('=');
      if (at < 1) throw new UsageError(`--set ${set}: expected option=value`);
      return [set.slice(0, at), parseValue(set.slice(at + 1))];
    }),
  );
}

/** JSON where it is some, else the text. */
function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function describe({
  elements,
  chargePowers,
  maximumCharge,
  output,
}: ImportFlags): Pick<ModelConfig, 'atoms' | 'outputs'> {
  return {
    ...(elements && {
      atoms: {
        elements: elements.split(','),
        chargePowers: String(chargePowers).split(',').map(Number),
        maximumCharge: Number(maximumCharge),
      },
    }),
    ...(output && { outputs: output.map(parseOutput) }),
  };
}

function parseOutput(text: string): NonNullable<ModelConfig['outputs']>[number] {
  const [name, unit = '', mean = '0', scale = '1', ...rest] = text.split(':');
  const numbers = { mean: Number(mean), scale: Number(scale) };
  if (!name || rest.length > 0 || !Object.values(numbers).every(Number.isFinite))
    throw new UsageError(`--output ${text}: expected name, name:unit or name:unit:mean:scale`);
  return { name, ...(unit && { unit }), ...numbers };
}

function summary(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 6).join(', ')} and ${names.length - 6} more` : names.join(', ');
}
