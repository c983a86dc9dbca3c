/** @file `egnn serve MODEL...`: predictions over HTTP. */
import { basename, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { isLoopback, isReadByOthers, type KeySources, readKeys } from '../server/access.ts';
import { defaultLimits, type Limits, type LogLevel, logLevels, type NamedModel } from '../server/options.ts';
import type { EngineOptions } from '../start-engine.ts';
import { workerUrl } from '../workers.ts';
import { UsageError } from './errors.ts';
import { addSettingFlags, parseEngineOptions } from './settings.ts';
import { version } from './version.ts';

interface ServeFlags extends EngineOptions {
  readonly host: string;
  readonly port: string;
  readonly apiKeys?: string;
  readonly allowHost?: readonly string[];
  readonly auth: boolean;
  readonly logLevel: LogLevel;
}

const MOST = 2 ** 31 - 1;
const limitDescriptions: Readonly<Record<keyof Limits, string>> = {
  bodyBytes: 'longest body',
  answerBytes: 'longest answer',
  totalBytes: 'all bodies and answers at a time',
  items: 'molecules or graphs a request',
  atoms: 'atoms a molecule',
  nodes: 'nodes a graph',
  edges: 'edges a molecule or graph, complete ones included',
  requestEdges: 'edges a request',
  queue: 'requests in progress; more are refused with 503',
  connections: 'open connections',
  seconds: 'for receiving a request, answering it, and taking the answer',
};
const limitFlags = Object.entries(limitDescriptions).map(([key, description]) => {
  const name = `max${key[0].toUpperCase()}${key.slice(1)}`;
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  return { key: key as keyof Limits, name, flag, description };
});

export function addServeCommand(program: Command): void {
  const command = program
    .command('serve <model...>')
    .description('predictions over HTTP')
    .option('--port <port>', 'where to listen; 0 for any free port', '8080')
    .option('--host <host>', 'address to listen on; others than loopback need API keys', '127.0.0.1')
    .option('--api-keys <file>', 'file with one key a line, beside those in EGNN_API_KEYS')
    .option('--allow-host <name...>', "on loopback, names in Host headers to answer to, such as a proxy's")
    .option('--no-auth', 'beyond loopback without keys: whoever reaches the port may ask')
    .addOption(
      new Option('--log-level <level>', 'of the log on standard output').choices(logLevels).default('info'),
    );
  for (const { key, flag, description } of limitFlags)
    command.option(`${flag} <number>`, `${description} (default: ${defaultLimits[key]})`);
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
  const limits = { ...defaultLimits, ...givenLimits(flags) };
  const keys = await givenKeys(flags);
  const isOpen = Object.keys(keys).length === 0;
  if (!isLoopback(flags.host) && isOpen && flags.auth)
    throw new UsageError(
      `${flags.host} can be reached by others: give API keys (EGNN_API_KEYS or --api-keys FILE), or --no-auth if whoever reaches it may ask`,
    );
  if (!flags.auth && !isOpen) throw new UsageError('--no-auth does not go with API keys');
  // What a server needs is loaded for a server alone.
  const { serve } = await import('../server/serve.ts');
  const server = await serve(
    {
      models,
      host: flags.host,
      port,
      allowedHosts: (flags.allowHost ?? []).map((name) => name.toLowerCase()),
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
  if (!isLoopback(flags.host) && isOpen)
    process.stderr.write(
      `egnn: --no-auth: whoever reaches ${server.address} may ask, and sees the models' names\n`,
    );
  await server.stopped;
}

/** Read once before anything is started. @throws UsageError for what is no key; what the file system throws */
async function givenKeys({ apiKeys: file }: ServeFlags): Promise<KeySources> {
  const variable = process.env.EGNN_API_KEYS;
  const sources = { ...(variable !== undefined && { variable }), ...(file !== undefined && { file }) };
  try {
    await readKeys(sources);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === undefined ? new UsageError(message) : error;
  }
  if (file !== undefined && (await isReadByOthers(file)))
    process.stderr.write(`egnn: warning: ${file} can be read by other users of this machine; chmod 600 it\n`);
  return sources;
}

/** @throws UsageError for a name that cannot stand in an address, or stands for two models */
function namedModels(given: readonly string[]): NamedModel[] {
  const models = given.map((text) => {
    const [, name, path] = /^([\w.-]+)=(.+)$/s.exec(text) ?? [];
    if (name !== undefined) return { name, path };
    return { name: basename(resolve(text)).replace(/\.safetensors$/, ''), path: text };
  });
  for (const [k, { name }] of models.entries()) {
    if (!/^(?=.*\w)[\w.-]{1,64}$/.test(name))
      throw new UsageError(
        `${JSON.stringify(name)} cannot stand in an address; say NAME=MODEL with letters, digits and _ . -`,
      );
    if (models.findIndex((each) => each.name === name) < k)
      throw new UsageError(`two models are called ${name}; say NAME=MODEL`);
  }
  return models;
}

/** @throws UsageError naming the flag, what is allowed and what came */
function givenLimits(flags: object): Partial<Limits> {
  const given = flags as Readonly<Record<string, string>>;
  const limits: Partial<Record<keyof Limits, number>> = {};
  for (const { key, name, flag } of limitFlags) {
    const text = given[name];
    if (text === undefined) continue;
    const most = key === 'seconds' ? 3_600 : MOST;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > most)
      throw new UsageError(`${flag} must be a whole number from 1 to ${most}; got ${text}`);
    limits[key] = value;
  }
  return limits;
}
