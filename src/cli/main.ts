#!/usr/bin/env node
/** @file The `egnn` command: reads the command line, runs one command, ends with its exit code. */
import { Command, CommanderError } from 'commander';
import { addCheckCommand } from './check.ts';
import { addDataCommand } from './data.ts';
import { ExitCode, reportError } from './errors.ts';
import { addEvaluateCommand } from './evaluate.ts';
import { addExportCommand } from './export.ts';
import { addImportCommand } from './import.ts';
import { addInfoCommand } from './info.ts';
import { addPredictCommand } from './predict.ts';
import { addReportCommand } from './report.ts';
import { addReproduceCommand } from './reproduce.ts';
import { addServeCommand } from './serve.ts';
import { addStartCommand } from './start.ts';
import { addTrainCommand } from './train.ts';
import { version } from './version.ts';

const program = new Command('egnn')
  .description('E(n)-equivariant graph neural networks: data, training, evaluation, models')
  .version(version())
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  $ egnn start                      the paper's N-body table in a few minutes
  $ egnn train nbody --model egnn   one training; see egnn train nbody --help
  $ egnn check runs/nbody-egnn      is the trained model equivariant?

Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 disk full, 4 not permitted, 5 not found, 6 in use by another process,
7 numbers not finite, 8 out of memory, 130 interrupted. EGNN_DEBUG=1 shows where an error comes from.`,
  );
addStartCommand(program);
addTrainCommand(program);
addEvaluateCommand(program);
addReportCommand(program);
addCheckCommand(program);
addDataCommand(program);
addImportCommand(program);
addExportCommand(program);
addPredictCommand(program);
addServeCommand(program);
addReproduceCommand(program);
addInfoCommand(program);

// A reader that has seen enough (`egnn info | head -1`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : ExitCode.failed),
);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : ExitCode.usage;
  else process.exitCode = reportError(error);
}
