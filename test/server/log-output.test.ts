// The log of the server: a reader that stops reading, or goes away, holds nothing up.
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { pipeOutput } from '../../src/server/log-output.ts';
import { isBuilt, makeFolder, removeFolder, start } from './running-server.ts';

describe('lines for a pipe', () => {
  /** Takes chunks when it is told to. */
  class SlowReader extends Writable {
    readonly taken: string[] = [];
    readonly #waiting: (() => void)[] = [];
    override _write(chunk: Buffer, _encoding: string, done: () => void): void {
      this.taken.push(String(chunk));
      this.#waiting.push(done);
    }
    take(): void {
      this.#waiting.shift()?.();
    }
  }
  const line = `${'x'.repeat(1023)}\n`;

  it('wait up to a mebibyte, and are dropped and counted beyond', () => {
    const reader = new SlowReader();
    let dropped = 0;
    const output = pipeOutput(reader, () => dropped++);
    for (let k = 0; k < 1_030; k++) output.write(line);
    expect(dropped).toBe(6);
    reader.take();
    output.write(line);
    expect(dropped).toBe(6);
    output.write(line);
    expect(dropped).toBe(7);
  });

  it('are all taken before the end, by a reader that reads', async () => {
    const reader = new SlowReader();
    const output = pipeOutput(reader, () => {});
    output.write('a\n');
    output.write('b\n');
    const ended = output.end();
    for (let k = 0; k < 3; k++) {
      reader.take();
      await new Promise(setImmediate);
    }
    expect(await ended).toBe(true);
    expect(reader.taken.join('')).toBe('a\nb\n');
  });

  it('are dropped once the reader has gone', async () => {
    const reader = new SlowReader();
    let dropped = 0;
    const output = pipeOutput(reader, () => dropped++);
    const closed = new Promise((resolve) => reader.once('close', resolve));
    reader.destroy(new Error('EPIPE'));
    await closed;
    output.write(line);
    expect(dropped).toBe(1);
    expect(await output.end()).toBe(true);
  });

  it('do not hold up the end where nobody takes them', async () => {
    const output = pipeOutput(new SlowReader(), () => {});
    output.write(line);
    expect(await output.end()).toBe(false);
  });
});

describe.skipIf(!isBuilt)('egnn serve (skipped when dist/ is not built)', () => {
  it.each(['is not read', 'is closed'])('answers and stops in good order where its log %s', async (what) => {
    const folder = await makeFolder();
    const server = await start(folder, ['mu']);
    const { stdout } = server.process;
    stdout!.removeAllListeners('data');
    if (what === 'is closed') stdout!.destroy();
    else stdout!.pause();
    // More lines than the system itself keeps.
    for (let round = 0; round < 30; round++) {
      const responses = await Promise.all(Array.from({ length: 100 }, () => server.get('/health')));
      for (const response of responses) {
        expect(response.status).toBe(200);
        await response.arrayBuffer();
      }
    }
    const metrics = await (await server.get('/metrics')).text();
    const dropped = Number(/^egnn_log_lines_dropped_total (\d+)$/m.exec(metrics)![1]);
    if (what === 'is closed') expect(dropped).toBeGreaterThan(2_900);
    else expect(dropped).toBe(0);
    const exit = once(server.process, 'exit');
    server.process.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    removeFolder(folder);
  });
});
