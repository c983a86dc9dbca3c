/**
 * @file Settings as people write them: one schema for flags and for a JSON file. A setting comes from its flag, else
 * from the file, else from a recipe; what is unknown or out of range is named. Each experiment has a form of its own,
 * and those of the engine go with every command.
 */
import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { backendNames, type EngineOptions } from '../start-engine.ts';
import type { TrainingSettings } from '../tasks/training-settings.ts';
import { scheduleNames } from '../train/schedules.ts';
import { UsageError } from './errors.ts';

export const whole = (least: number) => z.int().min(least);
const atLeastZero = z.number().min(0);
const share = z.number().min(0).lt(1);

/** What a command can be told, under names in camelCase. */
export interface SettingsForm<Settings> {
  readonly schema: z.ZodType<Settings> & { readonly shape: Readonly<Record<string, z.ZodType>> };
  /** What is taken where nothing else is said; `given` decides which recipe. */
  recipe(given: Readonly<Record<string, unknown>>): object;
  /** Whose recipe the help shows. */
  readonly recipeName?: string;
  /** Last checks between settings. @throws UsageError */
  finish?(settings: Settings, given: Readonly<Record<string, unknown>>): Settings;
}

const engineFields = {
  threads: whole(1).max(64).optional().describe('threads; all cores if left out'),
  backend: z.enum(backendNames).optional().describe('backend; the fastest if left out'),
};

const engineForm: SettingsForm<EngineOptions> = {
  schema: z.strictObject(engineFields),
  recipe: () => ({}),
};

/** What all trainings can be told; experiments say in their own words what samples are. */
export const trainingFields = {
  seed: whole(0)
    .max(2 ** 32 - 1)
    .describe('of the first weights and of the order of the samples'),
  epochs: whole(1).describe('passes over the training set'),
  samples: whole(1).describe('training samples used'),
  batchSize: whole(1).describe('samples in a batch'),
  learningRate: z.number().gt(0).describe('learning rate at its highest'),
  schedule: z.enum(scheduleNames).describe('course of the learning rate'),
  warmUp: share.describe('share of the run in which the learning rate rises'),
  optimiser: z.enum(['adam', 'adamw']).describe('adamw decouples weight decay from the gradient'),
  weightDecay: atLeastZero.describe('weight decay'),
  clip: atLeastZero.describe('longest gradient, all parameters together; 0 for no limit'),
  ema: share.describe('decay of the average of the weights; 0 for none'),
  validateEvery: whole(1).describe('epochs from one validation to the next'),
  patience: whole(0).describe('epochs without improvement after which to stop; 0 for never'),
  // As wide and as deep as models from files may be.
  hidden: whole(1).max(65_536).describe('width of the hidden layers'),
  layers: whole(1).max(1_024).describe('number of layers'),
  ...engineFields,
} satisfies Record<keyof TrainingSettings | keyof EngineOptions | 'hidden' | 'layers', z.ZodType>;

const keysOf = ({ schema }: SettingsForm<unknown>) =>
  Object.keys(schema.shape).filter((key) => key !== 'task');
const flagOf = (key: string) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Adds one flag a setting, with its default from the form's recipe. */
export function addSettingFlags(
  command: Command,
  only?: readonly string[],
  form: SettingsForm<unknown> = engineForm,
): Command {
  const recipe = form.recipe({}) as Record<string, unknown>;
  for (const key of only ?? keysOf(form)) {
    const schema = form.schema.shape[key];
    const suffix = recipe[key] === undefined ? '' : ` (${form.recipeName}: ${recipe[key]})`;
    const choices = choicesOf(schema);
    const option = new Option(
      `${flagOf(key)} <${choices ? choices.join('|') : 'value'}>`,
      `${schema.description}${suffix}`,
    );
    const parse = (text: string): unknown =>
      schema instanceof z.ZodTuple ? text.split(',').map(asNumber) : asNumber(text);
    command.addOption(option.argParser(parse));
  }
  return command;
}

/** @throws UsageError naming the setting, what is allowed and what came */
export async function resolveSettings<Settings>(
  form: SettingsForm<Settings>,
  flags: Record<string, unknown>,
  file: string | undefined,
): Promise<Settings> {
  const fromFile = file === undefined ? {} : await readSettingsFile(file);
  const given = { ...fromFile, ...givenSettings(form, flags) };
  const settings = parseSettings(form, { ...form.recipe(given), ...given }, file);
  return form.finish ? form.finish(settings, given) : settings;
}

/** The settings among a command's options. */
export function givenSettings(
  form: SettingsForm<unknown>,
  flags: Record<string, unknown>,
): Record<string, unknown> {
  return Object.fromEntries(
    keysOf(form)
      .filter((key) => flags[key] !== undefined)
      .map((key) => [key, flags[key]]),
  );
}

/** @throws UsageError naming every setting that is unknown, missing or out of range */
export function parseSettings<Settings>(
  form: SettingsForm<Settings>,
  values: unknown,
  source?: string,
): Settings {
  const parsed = form.schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys')
      return `unknown setting ${issue.keys.join(', ')}; allowed: ${keysOf(form).join(', ')}`;
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
  return parseSettings(engineForm, { threads, backend });
}
