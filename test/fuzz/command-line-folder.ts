/**
 * @file The folder in which command lines are fuzzed, with a few good files, and bad ones. It lies deep in a throw-away
 * folder, beyond which Node's permissions let nothing be written; it is made anew after each line that changed it.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EGNN, startEngine } from '../../src/index.ts';
import { checkModelConfig, packModel } from '../../src/models/index.ts';
import { pickleOf } from '../formats/pickle-writer.ts';
import { fixture } from '../formats/pytorch-fixtures.ts';
import { exampleModel } from './models.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const NO_NETWORK = fileURLToPath(new URL('no-network.ts', import.meta.url));
const SETTINGS = {
  trajectories: [6, 3, 3],
  ...{ samples: 4, epochs: 1, batchSize: 2, hidden: 4, layers: 1, threads: 1, backend: 'reference' },
};

export interface FuzzFolder {
  /** To be removed when all is over. */
  readonly top: string;
  /** What may be written to. */
  readonly sandbox: string;
  /** Where commands run. */
  readonly work: string;
  /** What `work` begins with; out of reach of the commands. */
  readonly template: string;
}

export async function makeFuzzFolder(): Promise<FuzzFolder> {
  const top = mkdtempSync(join(tmpdir(), 'egnn-arguments-'));
  const sandbox = join(top, 'sandbox');
  const folder = { top, sandbox, work: join(sandbox, 'a/b/work'), template: join(top, 'template') };
  mkdirSync(folder.work, { recursive: true });
  mkdirSync(join(folder.template, 'folder'), { recursive: true });
  await fill(folder.template);
  restore(folder);
  return folder;
}

async function fill(template: string): Promise<void> {
  const engine = await startEngine({ backend: 'reference' });
  const options = { inputFeatures: 2, hiddenFeatures: 4, outputFeatures: 3, layers: 1 };
  const graphs = checkModelConfig({
    ...{ format: 'egnn-model', version: 1, edges: 'complete' },
    network: { kind: 'egnn', ...options },
  });
  const files: Record<string, string | Uint8Array> = {
    empty: '',
    'in.xyz': '3\n\nO 0 0 0\nH 0 0 1\nH 0 1 0\n',
    'in.smi': 'CCO ethanol\n?? bad\n',
    'in.jsonl': '{"C":[[0,0,0],[0,0,1]],"X":[[1,0],[0,1]]}\n',
    'bodies.jsonl': '{"C":[[0,0,0],[0,0,1]],"X":[[1],[1]],"V":[[1,0,0],[0,1,0]],"A":[[1,1],[1,1]]}\n',
    'keys.txt': `${'k'.repeat(32)}\n`,
    'settings.json': JSON.stringify(SETTINGS),
    'arguments.pickle': pickleOf('}.'),
    'weights.pt': fixture('checkpoint.pt'),
    'molecules.safetensors': packModel(exampleModel),
    'graphs.safetensors': packModel({
      config: graphs,
      state: await new EGNN(engine, options).stateDict(),
    }),
  };
  engine.close();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(template, name), content);
  symlinkSync('loop', join(template, 'loop'));
  const { status, stderr } = spawnSync(
    process.execPath,
    [MAIN, 'train', 'nbody', '--config', 'settings.json', '--out', 'run'],
    { cwd: template, encoding: 'utf8', env: { ...process.env, EGNN_CACHE: join(template, 'cache') } },
  );
  if (status !== 0) throw new Error(`cannot train for the fuzzing: ${stderr}`);
  cpSync(join(template, 'run'), join(template, 'half'), { recursive: true });
  rmSync(join(template, 'half/result.json'));
}

/** Everything below the sandbox as it was at first. */
export function restore({ sandbox, work, template }: FuzzFolder): void {
  for (const name of readdirSync(sandbox)) if (name !== 'a') remove(join(sandbox, name));
  for (const name of readdirSync(join(sandbox, 'a'))) if (name !== 'b') remove(join(sandbox, 'a', name));
  for (const name of readdirSync(join(sandbox, 'a/b')))
    if (name !== 'work') remove(join(sandbox, 'a/b', name));
  for (const name of readdirSync(work)) remove(join(work, name));
  cpSync(template, work, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
}

const remove = (path: string) => rmSync(path, { recursive: true, force: true });

/** The names of all that is there. */
export function listing({ sandbox }: FuzzFolder): string {
  return readdirSync(sandbox, { recursive: true }).sort().join('\n');
}

/** What Node is told, so that nothing outside of the sandbox can be written and no address be reached. */
export function restrictions({ sandbox }: FuzzFolder): string[] {
  return [
    ...[
      '--permission',
      '--allow-fs-read=*',
      `--allow-fs-write=${sandbox}/`,
      '--allow-fs-write=/dev/null',
      '--allow-fs-write=/dev/full',
    ],
    ...['--allow-worker', '--allow-child-process', '--no-warnings', `--import=${NO_NETWORK}`],
  ];
}

export function environment({ work }: FuzzFolder): NodeJS.ProcessEnv {
  const { EGNN_DEBUG: _, EGNN_API_KEYS: __, ...rest } = process.env;
  return { ...rest, EGNN_CACHE: join(work, 'cache') };
}
