#!/usr/bin/env node
/** @file The `egnn` command: runs the command line, ends with its exit code. */
import { writingError } from '../files.ts';
import { reportError } from './errors.ts';
import { runCommandLine } from './program.ts';

// A reader that has seen enough (`egnn info | head -1`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : reportError(writingError('standard output', error))),
);
// Where nobody hears what is said, the work goes on, and the exit code tells how it ended.
process.stderr.on('error', () => {});

process.exitCode = await runCommandLine(process.argv.slice(2));
