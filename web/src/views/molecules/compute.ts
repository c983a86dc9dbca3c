/** @file What the Molecules view computes in the worker. The model that was opened last stays here. */
import type { EGNN } from 'egnn';
import { LoadedModel, unpackModel } from 'egnn/models';
import type { ComputeContext } from '../../compute/context.ts';
import { type BatchRequest, predictList } from './batch.ts';
import { type Atoms, explainMolecule } from './explain.ts';
import { CONFORMER_SEED, moleculeOfFile, moleculeOfSmiles } from './read-molecule.ts';
import type { BatchRow, Explanation, ModelFacts, MoleculeData } from './types.ts';

let model: LoadedModel | undefined;

/**
 * @param weights a safetensors file
 * @param config the text of config.json; the file's own configuration if left out
 * @throws Error saying why it is no model of molecules
 */
export async function openModel(
  { weights, config }: { weights: Uint8Array; config?: string },
  { engine }: ComputeContext,
): Promise<ModelFacts> {
  const contents = unpackModel(weights, config === undefined ? undefined : parsed(config));
  const { network, atoms } = contents.config;
  if (network.kind !== 'egnn' || !network.readout || !atoms)
    throw new TypeError(
      'this model does not predict properties of molecules: its configuration needs `atoms` and a `readout`',
    );
  if ((network.edgeFeatures ?? 0) > 0 || network.velocity || (network.nodeAttributes ?? 0) > 0)
    throw new TypeError(
      'this model takes edge attributes, velocities or node attributes; a molecule has none',
    );
  model = new LoadedModel(await engine(), contents);
  const { config: full, parameterCount } = model.network as EGNN;
  return {
    outputs: model.outputs.map(({ name, unit, testError }) => ({ name, unit, testError })),
    elements: atoms.elements,
    layers: full.layers,
    attention: full.attention,
    parameters: parameterCount,
  };
}

/** The conformer of a SMILES. */
export function conform({
  smiles,
  resources,
}: {
  smiles: string;
  resources?: string;
}): Promise<MoleculeData> {
  return moleculeOfSmiles(smiles, CONFORMER_SEED, resources);
}

/** The first molecule of a file. */
export function readFile({
  name,
  bytes,
  resources,
}: {
  name: string;
  bytes: Uint8Array;
  resources?: string;
}): Promise<MoleculeData> {
  return moleculeOfFile(name, bytes, resources);
}

/** The model's outputs for a molecule, in their order. */
export async function predict(atoms: Atoms): Promise<{ values: readonly number[] }> {
  const [{ values }] = await opened().predictMolecules([atoms]);
  return { values: opened().outputs.map(({ name }) => values[name]) };
}

export function explain({ atoms, layer }: { atoms: Atoms; layer: number }): Promise<Explanation> {
  return explainMolecule(opened(), atoms, layer);
}

/** Rows arrive as progress, in the order of the list. */
export async function predictBatch(request: BatchRequest, context: ComputeContext): Promise<number> {
  let count = 0;
  const send = (row: BatchRow) => {
    count++;
    context.progress(row);
  };
  await predictList(opened(), request, send, context);
  return count;
}

function opened(): LoadedModel {
  if (!model) throw new Error('no model is open');
  return model;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`config.json is no JSON: ${(error as Error).message}`);
  }
}
