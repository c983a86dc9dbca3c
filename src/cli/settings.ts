/**
 * @file The settings of `train nbody` as people write them: one schema for flags and for a JSON file. A setting comes
 * from its flag, else from the file, else from the model's recipe; what is unknown or out of range is named.
 */
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { backendNames, type EngineOptions } from '../start-engine.ts';
import { nbodyModels } from '../tasks/nbody-models.ts';
import { type NBodySettings, shortRecipes } from '../tasks/nbody-settings.ts';
import { scheduleNames } from '../train/schedules.ts';
import { UsageError } from './errors.ts';

const whole = (least: number) => z.int().min(least);
const atLeastZero = z.number().min(0);
const share = z.number().min(0).lt(1);

export const settingsSchema = z.strictObject({
  task: z.literal('nbody').default('nbody'),
  model: z.enum(nbodyModels).describe('which model'),
  seed: whole(0)
    .max(2 ** 32 - 1)
    .describe('of the first weights and of the order of the samples'),
  epochs: whole(1).describe('passes over the training set'),
  samples: whole(1).describe('training trajectories used, the first ones'),
  batchSize: whole(1).describe('trajectories in a batch'),
  learningRate: z.number().gt(0).describe('learning rate at its highest'),
  schedule: z.enum(scheduleNames).describe('course of the learning rate'),
  warmUp: share.describe('share of the run in which the learning rate rises'),
  optimiser: z.enum(['adam', 'adamw']).describe('adamw decouples weight decay from the gradient'),
  weightDecay: atLeastZero.describe('weight decay'),
  clip: atLeastZero.describe('longest gradient, all parameters together; 0 for no limit'),
  ema: share.describe('decay of the average of the weights; 0 for none'),
  validateEvery: whole(1).describe('epochs from one validation to the next'),
  patience: whole(0).describe('epochs without improvement after which to stop; 0 for never'),
  hidden: whole(1).describe('width of the hidden layers'),
  layers: whole(1).describe('number of layers'),
  trajectories: z
    .tuple([whole(1), whole(1), whole(1)])
    .describe('sizes of the training, validation and test set'),
  threads: whole(1).max(64).optional().describe('threads; all cores if left out'),
  backend: z.enum(backendNames).optional().describe('backend; the fastest if left out'),
}) satisfies z.ZodType<NBodySettings & EngineOptions>;

export type Settings = z.infer<typeof settingsSchema>;
type Key = keyof Settings;

const keys = (Object.keys(settingsSchema.shape) as Key[]).filter((key) => key !== 'task');
const flagOf = (key: string) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Adds one flag a setting, with its default from the EGNN's recipe. */
export function addSettingFlags(command: Command, only: readonly Key[] = keys): Command {
  for (const key of only) {
    const schema = settingsSchema.shape[key];
    const value = (shortRecipes.egnn as Partial<Settings>)[key];
    const suffix = value === undefined ? '' : ` (egnn: ${value})`;
    const choices = choicesOf(schema);
    const option = new Option(
      `${flagOf(key)} <${choices ? choices.join('|') : 'value'}>`,
      `${schema.description}${suffix}`,
    );
    const parse = (text: string): unknown =>
      key === 'trajectories' ? text.split(',').map(asNumber) : asNumber(text);
    command.addOption(option.argParser(parse));
  }
  return command;
}

/** @throws UsageError naming the setting, what is allowed and what came */
export async function resolveSettings(
  flags: Record<string, unknown>,
  file: string | undefined,
): Promise<Settings> {
  const fromFile = file === undefined ? {} : await readSettingsFile(file);
  const fromFlags = givenSettings(flags);
  const model = settingsSchema.shape.model.safeParse(fromFlags.model ?? fromFile.model ?? 'egnn');
  const recipe = shortRecipes[model.data ?? 'egnn'];
  const settings = parseSettings({ ...recipe, ...fromFile, ...fromFlags }, file);
  const [train] = settings.trajectories;
  const implied = fromFlags.samples === undefined && fromFile.samples === undefined;
  if (settings.samples > train && !implied)
    throw new UsageError(
      `samples must be at most ${train}, the size of the training set; got ${settings.samples}`,
    );
  return { ...settings, samples: Math.min(settings.samples, train) };
}

/** The settings among a command's options. */
export function givenSettings(flags: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(keys.filter((key) => flags[key] !== undefined).map((key) => [key, flags[key]]));
}

/** @throws UsageError naming every setting that is unknown, missing or out of range */
export function parseSettings(values: unknown, source?: string): Settings {
  const parsed = settingsSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys')
      return `unknown setting ${issue.keys.join(', ')}; allowed: ${keys.join(', ')}`;
    const came = issue.path.reduce<unknown>(
      (value, key) => (value as Record<PropertyKey, unknown>)?.[key],
      values,
    );
    return `${issue.path.join('.')}: ${issue.message}; got ${JSON.stringify(came)}`;
  });
  throw new UsageError(`${source ? `${source}: ` : ''}${problems.join('; ')}`);
}

async function readSettingsFile(path: string): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`cannot read settings from ${path}: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${path} must hold one JSON object of settings`);
  return value as Record<string, unknown>;
}

/** What is no number stays text, for the schema to name. */
function asNumber(text: string): number | string {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function choicesOf(schema: z.ZodType): readonly string[] | undefined {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  return inner instanceof z.ZodEnum ? (inner.options as string[]) : undefined;
}

/** The flags that choose an engine. @throws UsageError as `parseSettings` */
export function parseEngineOptions({ threads, backend }: EngineOptions): EngineOptions {
  const settings = parseSettings({ ...shortRecipes.egnn, threads, backend });
  return { threads: settings.threads, backend: settings.backend };
}
