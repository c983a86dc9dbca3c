/** @file One side's process as the bench sees it: a line to ask, a line to hear the answer (`protocol.ts`). */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { PeerName } from './cases.ts';
import type { Answers, Request } from './protocol.ts';

type Op = keyof Answers;
type RequestOf<T extends Op> = Extract<Request, { op: T }>;

export class Side {
  readonly name: string;
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(name: string, command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.name = name;
    this.#process = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    });
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
  }

  /** Ours, on this many threads. */
  static ours(threads: number): Side {
    const script = fileURLToPath(new URL('ours.ts', import.meta.url));
    return new Side('ours', process.execPath, [script, '--threads', String(threads)]);
  }

  /** A peer under a Python interpreter that has it. */
  static peer(name: PeerName, python: string, threads: number): Side {
    const script = fileURLToPath(new URL(`peers/${name}_peer.py`, import.meta.url));
    return new Side(name, python, [script, '--threads', String(threads)], { PYTHONDONTWRITEBYTECODE: '1' });
  }

  /** @throws Error if the side reports one, or its process ends */
  async ask<T extends Op>(request: RequestOf<T> & { op: T }): Promise<Answers[T]> {
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.name}: the process ended during '${request.op}'`);
    const answer = JSON.parse(value) as Answers[T] | { error: string };
    if ('error' in answer) throw new Error(`${this.name}: ${answer.error}`);
    return answer;
  }

  /** Ends the process and waits until its memory and cores are free. */
  async close(): Promise<void> {
    this.#process.stdin!.end();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    await new Promise((resolve) => this.#process.once('close', resolve));
  }
}
