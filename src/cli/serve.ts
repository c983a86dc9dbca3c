/** @file `egnn serve MODEL...`: predictions over HTTP. */
import { basename, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { isLoopback, readKeys } from '../server/access.ts';
import { defaultLimits, type Limits, type LogLevel, logLevels, type NamedModel } from '../server/options.ts';
import type { EngineOptions } from '../start-engine.ts';
import { workerUrl } from '../workers.ts';
import { UsageError } from './errors.ts';
import { addSettingFlags, parseEngineOptions, parseSettings, type SettingsForm, whole } from './settings.ts';
import { version } from './version.ts';

interface ServeFlags extends EngineOptions {
  readonly host: string;
  readonly port: string;
  readonly apiKeys?: string;
  readonly auth: boolean;
  readonly logLevel: LogLevel;
}

const limit = (description: string) =>
  whole(1)
    .max(2 ** 31 - 1)
    .describe(description);
const limitsForm: SettingsForm<Limits> = {
  schema: z.strictObject({
    bodyBytes: limit('longest body'),
    totalBytes: limit('all bodies at a time'),
    items: limit('molecules or graphs a request'),
    atoms: limit('atoms a molecule'),
    nodes: limit('nodes a graph'),
    edges: limit('edges a molecule or graph, complete ones included'),
    queue: limit('requests in progress; more are refused with 503'),
    connections: limit('open connections'),
    seconds: whole(1).max(3_600).describe('for receiving, and for answering a request'),
  }),
  recipe: () => defaultLimits,
  recipeName: 'default',
};
const limitFlags: Record<string, keyof Limits> = Object.fromEntries(
  Object.keys(defaultLimits).map((key) => [`max${key[0].toUpperCase()}${key.slice(1)}`, key as keyof Limits]),
);

export function addServeCommand(program: Command): void {
  const command = program
    .command('serve <model...>')
    .description('predictions over HTTP')
    .option('--port <port>', 'where to listen; 0 for any free port', '8080')
    .option('--host <host>', 'address to listen on; others than loopback need API keys', '127.0.0.1')
    .option('--api-keys <file>', 'file with one key a line, beside those in EGNN_API_KEYS')
    .option('--no-auth', 'beyond loopback without keys: whoever reaches the port may ask')
    .addOption(
      new Option('--log-level <level>', 'of the log on standard output').choices(logLevels).default('info'),
    );
  for (const [flag, key] of Object.entries(limitFlags)) {
    const name = `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} <number>`;
    const { description } = (limitsForm.schema.shape as Record<string, z.ZodType>)[key];
    command.addOption(new Option(name, `${description} (default: ${defaultLimits[key]})`).argParser(Number));
  }
  addSettingFlags(command, ['threads', 'backend'])
    .addHelpText(
      'after',
      `
MODEL is what egnn predict takes, or NAME=MODEL; without a NAME, the last part of the path is it.
The page to try it, and the addresses, are at http://localhost:8080/ and /openapi.json.

SIGHUP reads the models anew, SIGTERM finishes what was taken on and ends.

Examples:
  $ egnn serve qm9
  $ egnn serve mu=runs/mu-7 energy=models/energy --port 9000
  $ EGNN_API_KEYS=$(openssl rand -hex 32) egnn serve qm9 --host 0.0.0.0`,
    )
    .action(serveCommand);
}

async function serveCommand(given: readonly string[], flags: ServeFlags): Promise<void> {
  const models = namedModels(given);
  const port = Number(flags.port);
  if (!/^\d+$/.test(flags.port) || port > 65_535)
    throw new UsageError(`--port must be from 0 to 65535; got ${flags.port}`);
  const limits = parseSettings(limitsForm, { ...defaultLimits, ...givenLimits(flags) });
  const keys = await givenKeys(flags);
  if (!isLoopback(flags.host) && keys.length === 0 && flags.auth)
    throw new UsageError(
      `${flags.host} can be reached by others: give API keys (EGNN_API_KEYS or --api-keys FILE), or --no-auth if whoever reaches it may ask`,
    );
  if (!flags.auth && keys.length > 0) throw new UsageError('--no-auth does not go with API keys');
  // What a server needs is loaded for a server alone.
  const { serve } = await import('../server/serve.ts');
  const server = await serve(
    {
      models,
      host: flags.host,
      port,
      keys,
      limits,
      engine: parseEngineOptions(flags),
      computeScript: workerUrl('./serve-compute.js', import.meta.url),
      logLevel: flags.logLevel,
    },
    version(),
  );
  const names = models.map(({ name }) => name).join(', ');
  process.stderr.write(`egnn: ${names} at ${server.address}, ${server.backend}\n`);
  if (!isLoopback(flags.host) && keys.length === 0)
    process.stderr.write(
      `egnn: --no-auth: whoever reaches ${server.address} may ask, and sees the models' names\n`,
    );
  await server.stopped;
}

/** @throws UsageError for a key that is too short; what the file system throws */
async function givenKeys({ apiKeys }: ServeFlags): Promise<string[]> {
  try {
    return await readKeys(process.env.EGNN_API_KEYS, apiKeys);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === undefined ? new UsageError(message) : error;
  }
}

/** @throws UsageError for a name that cannot stand in an address, or stands for two models */
function namedModels(given: readonly string[]): NamedModel[] {
  const models = given.map((text) => {
    const [, name, path] = /^([\w.-]+)=(.+)$/s.exec(text) ?? [];
    if (name !== undefined) return { name, path };
    return { name: basename(resolve(text)).replace(/\.safetensors$/, ''), path: text };
  });
  for (const [k, { name }] of models.entries()) {
    if (!/^[\w.-]{1,64}$/.test(name))
      throw new UsageError(
        `${JSON.stringify(name)} cannot stand in an address; say NAME=MODEL with letters, digits and _ . -`,
      );
    if (models.findIndex((each) => each.name === name) < k)
      throw new UsageError(`two models are called ${name}; say NAME=MODEL`);
  }
  return models;
}

function givenLimits(flags: object): Partial<Limits> {
  const values = flags as Readonly<Record<string, number>>;
  return Object.fromEntries(
    Object.entries(limitFlags).flatMap(([flag, key]) => (flag in values ? [[key, values[flag]]] : [])),
  );
}
