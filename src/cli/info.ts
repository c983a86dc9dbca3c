/** @file `egnn info`: what would run here, and why. */
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Command } from 'commander';
import { cacheFolder } from '../data/cache.ts';
import type { EngineOptions } from '../start-engine.ts';
import { Reporter, reportMode } from './reporter.ts';
import { withEngine } from './session.ts';
import { addSettingFlags, parseEngineOptions } from './settings.ts';
import { version } from './version.ts';

type InfoFlags = EngineOptions & { readonly json?: boolean };

export function addInfoCommand(program: Command): void {
  const command = program
    .command('info')
    .description('backend and why, threads, versions')
    .option('--json', 'one JSON object');
  addSettingFlags(command, ['threads', 'backend'])
    .addHelpText('after', '\nExamples:\n  $ egnn info\n  $ EGNN_WASM=simd egnn info')
    .action(infoCommand);
}

async function infoCommand(flags: InfoFlags): Promise<void> {
  const reporter = new Reporter(reportMode(flags));
  await withEngine(parseEngineOptions(flags), async ({ backend }) => {
    const facts = {
      egnn: version(),
      node: process.version,
      v8: process.versions.v8,
      platform: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
      backend: backend.description,
      precision: backend.precision,
      threads: backend.threads,
      cache: cacheFolder(),
    };
    reporter.json(facts);
    reporter.result(
      Object.entries(facts)
        .map(([name, value]) => `${name.padEnd(10)} ${value}`)
        .join('\n'),
    );
  });
}
