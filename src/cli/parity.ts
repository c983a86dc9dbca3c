#!/usr/bin/env node
/** @file `npm run parity -- DIR`: every parity case in a folder against the authors' code, a line a case. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { readNpz } from '../formats/index.ts';
import { checkParityCase, type ParityVerdict, tolerances } from '../parity/parity.ts';
import type { EngineOptions } from '../start-engine.ts';
import type { Engine } from '../tensor/engine.ts';
import { ExitCode, reportError } from './errors.ts';
import { withEngine } from './session.ts';
import { addSettingFlags, parseEngineOptions } from './settings.ts';
import { formatTable } from './table.ts';

const command = new Command('parity')
  .description("hold outputs and gradients against the authors' PyTorch code: every *.npz in a folder")
  .argument('<folder>', 'folder of parity cases')
  .exitOverride();
addSettingFlags(command, ['threads', 'backend'])
  .addHelpText('after', '\nExamples:\n  $ npm run parity -- test/fixtures/parity --backend reference')
  .action(parityCommand);

try {
  await command.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : ExitCode.usage;
  else process.exitCode = reportError(error);
}

async function parityCommand(folder: string, flags: EngineOptions): Promise<void> {
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`);
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.npz'))
    .sort();
  if (names.length === 0) throw new Error(`no parity case (*.npz) in ${folder}`);
  await withEngine(parseEngineOptions(flags), async (engine) => {
    const tolerance = tolerances[engine.backend.name];
    const rows: string[][] = [];
    const notes: string[] = [];
    let failures = 0;
    for (const name of names) {
      const { outputs, gradients, passed, illConditioned } = await runCase(engine, join(folder, name));
      if (!passed) failures++;
      rows.push([name, outputs.toExponential(1), gradients.toExponential(1), passed ? 'ok' : 'FAILED']);
      for (const [array, floor] of Object.entries(illConditioned))
        notes.push(
          `${name}: ${array} cannot be met in float32; rounding the inputs moves its exact value by ${floor.toExponential(1)}`,
        );
    }
    console.log(engine.backend.description);
    console.log(formatTable(['case', 'outputs', 'gradients', `below ${tolerance}`], rows));
    for (const note of notes) console.log(note);
    if (failures > 0) throw new Error(`${failures} of ${names.length} cases are above ${tolerance}`);
  });
}

/** @throws Error naming the file if it is not a parity case */
async function runCase(engine: Engine, path: string): Promise<ParityVerdict> {
  try {
    return await checkParityCase(engine, readNpz(readFileSync(path)));
  } catch (error) {
    throw new Error(`${path} cannot be run: ${(error as Error).message}`, { cause: error });
  }
}
