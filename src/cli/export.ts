/** @file `egnn export MODEL`: a model for other programs. */
import { existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { writeWholeFile } from '../files.ts';
import { writeSafetensors } from '../formats/index.ts';
import { type LoadedModel, packModel } from '../models/index.ts';
import { toOnnx } from '../onnx/index.ts';
import { startEngine } from '../start-engine.ts';
import { UsageError } from './errors.ts';
import { expectFile } from './free-folder.ts';
import { openModel } from './open-model.ts';
import { Reporter, reportMode } from './reporter.ts';

const kinds = {
  onnx: { extension: 'onnx', about: 'a graph for ONNX runtimes, opset 18' },
  safetensors: { extension: 'safetensors', about: 'one file that egnn loads, configuration included' },
  'pytorch-names': { extension: 'safetensors', about: "weights alone, under the authors' PyTorch names" },
} as const;
type Kind = keyof typeof kinds;

interface ExportFlags {
  readonly to: Kind;
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function addExportCommand(program: Command): void {
  program
    .command('export <model>')
    .description('a model, or the best weights of a training run, for other programs')
    .addOption(
      new Option(
        '--to <kind>',
        Object.entries(kinds)
          .map(([kind, { about }]) => `${kind}: ${about}`)
          .join('; '),
      )
        .choices(Object.keys(kinds))
        .makeOptionMandatory(),
    )
    .option('--out <file>', 'where it goes (NAME.onnx or NAME.safetensors)')
    .option('--overwrite', 'replace the file if there is one')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ egnn export models/mu --to onnx
  $ egnn export runs/nbody-egnn --to pytorch-names --out nbody.safetensors

In Python: model.load_state_dict(safetensors.torch.load_file('nbody.safetensors'), strict=True)`,
    )
    .action(exportCommand);
}

async function exportCommand(path: string, flags: ExportFlags): Promise<void> {
  const reporter = new Reporter(reportMode(flags));
  const { extension } = kinds[flags.to];
  const out = flags.out ?? `${basename(resolve(path)).replace(/\.safetensors$/, '')}.${extension}`;
  if (existsSync(out) && !flags.overwrite)
    throw new UsageError(`${out} exists; --overwrite replaces it, --out names another file`);
  expectFile(out);
  // Float64, so that every weight leaves as it came.
  const engine = await startEngine({ backend: 'reference' });
  try {
    const model = await openModel(path, engine);
    const bytes = await bytesOf(model, flags.to);
    await writeWholeFile(out, bytes);
    const parameters = model.network.parameterCount;
    reporter.json({ out, kind: flags.to, parameters, bytes: bytes.length });
    reporter.result(`${out}: ${parameters.toLocaleString('en')} parameters, ${bytes.length} bytes`);
  } finally {
    engine.close();
  }
}

async function bytesOf(model: LoadedModel, kind: Kind): Promise<Uint8Array> {
  const state = await model.network.stateDict();
  if (kind === 'onnx') return toOnnx(model.network);
  if (kind === 'safetensors') return packModel({ config: model.config, state });
  return writeSafetensors(
    Object.entries(state).map(
      ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
    ),
    { format: 'pt' },
  );
}
