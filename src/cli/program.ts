/** @file A command line from its words to its exit code. */
import { Command, CommanderError } from 'commander';
import { addCheckCommand } from './check.ts';
import { addDataCommand } from './data.ts';
import { ExitCode, oneLine, reportError } from './errors.ts';
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

/** Runs one command; its errors are reported. @param words behind `egnn` */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ExitCode.usage;
    return reportError(error);
  }
}

/** All commands with their options. */
export function createProgram(): Command {
  const program = new Command('egnn')
    .description('E(n)-equivariant graph neural networks: data, training, evaluation, models')
    .version(version())
    .exitOverride()
    // As all other errors: one line, and whose it is.
    .configureOutput({
      outputError: (text, write) => write(`${oneLine(text.trim().replace(/^error: /, 'egnn: '))}\n`),
    })
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
  return program;
}
