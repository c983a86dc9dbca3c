/** @file A list of SMILES in, a row of predictions or what is wrong for each out. */
import { loadConformerGenerator, readSmilesCsvRecords, readSmiRecords } from 'egnn/formats';
import { atomFeatures, type LoadedModel } from 'egnn/models';
import type { ComputeContext } from '../../compute/context.ts';
import { CONFORMER_SEED } from './read-molecule.ts';
import type { BatchRow } from './types.ts';

export interface BatchRequest {
  /** A SMILES and perhaps a name a line, or CSV with a SMILES column. */
  readonly text: string;
  /** Where OpenChemLib's tables are; left out in Node. */
  readonly resources?: string;
}

/**
 * Making conformers takes nearly all of the time, so that molecules go through the network one by one and every row is
 * seen as soon as it is there.
 * @throws what is no fault of a row; the rows before have been sent
 */
export async function predictList(
  model: LoadedModel,
  { text, resources }: BatchRequest,
  send: (row: BatchRow) => void,
  { signal, pause }: Pick<ComputeContext, 'signal' | 'pause'>,
): Promise<void> {
  const make = await loadConformerGenerator(resources);
  const records = isCsv(text) ? readSmilesCsvRecords([text]) : readSmiRecords([text]);
  for await (const { line, record, error } of records) {
    await pause();
    signal.throwIfAborted();
    if (error) {
      send({ line, name: '', smiles: '', error: error.message });
      continue;
    }
    const { smiles, name = '' } = record;
    try {
      const molecule = make(smiles, CONFORMER_SEED);
      // First the elements: this message counts no molecules.
      atomFeatures(molecule.numbers, model.config.atoms!);
      const [{ values }] = await model.predictMolecules([molecule]);
      send({
        line,
        name,
        smiles,
        atoms: molecule.numbers.length,
        values: model.outputs.map((output) => values[output.name]),
      });
    } catch (problem) {
      send({ line, name, smiles, error: withoutPlace((problem as Error).message) });
    }
  }
}

/** A header with a SMILES column, or a comma before any space: a SMILES has neither, and a name may have both. */
function isCsv(text: string): boolean {
  const first = text.split(/\r?\n/, 1)[0];
  return /^[^\s,]*,/.test(first) || /smiles\s*"?\s*(,|$)/i.test(first);
}

/** The row says which molecule it is. */
function withoutPlace(message: string): string {
  return message.replace(/^molecule 1: /, '').replace(/^SMILES "(?:[^"\\]|\\.)*": /, '');
}
