/** @file A Python interpreter that has the peers: the one that is named, or a virtual environment made here once. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { PeerName } from './cases.ts';

const folder = fileURLToPath(new URL('.venv', import.meta.url));

/** @throws Error if the interpreter lacks a peer, or the environment cannot be made */
export function pythonWith(peers: readonly PeerName[], given: string | undefined): string {
  const python = given ?? `${folder}/bin/python`;
  if (given === undefined) {
    const missing = existsSync(python) ? peers.filter((peer) => !has(python, peer)) : peers;
    if (missing.length > 0) install(python, missing);
  }
  for (const module of ['numpy', ...peers])
    if (!has(python, module)) throw new Error(`${python} has no ${module}; name another with --python`);
  return python;
}

function has(python: string, module: string): boolean {
  return (
    spawnSync(python, [
      '-c',
      `import importlib.util, sys; sys.exit(not importlib.util.find_spec('${module}'))`,
    ]).status === 0
  );
}

function install(python: string, peers: readonly PeerName[]): void {
  console.error(
    `Installing ${peers.join(' and ')} into ${folder}, once; this can take minutes and gigabytes.`,
  );
  if (!existsSync(python)) run('python3', ['-m', 'venv', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', 'numpy', ...peers]);
}

function run(command: string, args: readonly string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 2, 2] });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
}
