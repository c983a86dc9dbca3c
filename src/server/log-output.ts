/**
 * @file Where lines of the log go: to standard output, in a way that never holds up the server. A file or a terminal takes
 * a line at once; the reader of a pipe may be slow or stop reading, and then lines wait, and are dropped when too many do.
 */
import { fstatSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { destination } from 'pino';

/** What waits for the reader of a pipe, in bytes. */
const MOST_WAITING = 2 ** 20;
/** How long the end of the server waits for it. */
const LAST_MILLISECONDS = 1_000;

export interface LogOutput {
  write(line: string): void;
  /** Settles when the reader has taken all lines, with true, or has not for a second, with false. */
  end(): Promise<boolean>;
}

/** @param onDropped called for each line that is lost */
export function openLogOutput(onDropped: () => void): LogOutput {
  const target = fstatSync(1);
  if (target.isFIFO() || target.isSocket()) {
    // Elsewhere the end of the reader ends the command.
    process.stdout.removeAllListeners('error');
    return pipeOutput(process.stdout, onDropped);
  }
  const file = destination({ fd: 1, sync: true });
  // A disk that is full may have room again.
  file.on('error', onDropped);
  return { write: (line) => void file.write(line), end: async () => true };
}

/** @param pipe whose writes do not block */
export function pipeOutput(pipe: Writable, onDropped: () => void): LogOutput {
  let isGone = false;
  pipe.on('error', () => {
    isGone = true;
  });
  return {
    write(line) {
      if (isGone || pipe.writableLength + line.length > MOST_WAITING) onDropped();
      else pipe.write(line);
    },
    end: () =>
      new Promise((resolve) => {
        if (isGone || pipe.writableLength === 0) return resolve(true);
        const timer = setTimeout(() => resolve(false), LAST_MILLISECONDS);
        pipe.write('', () => {
          clearTimeout(timer);
          resolve(true);
        });
      }),
  };
}
