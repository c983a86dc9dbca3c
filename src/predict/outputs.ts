/**
 * @file Predictions as text, a record at a time. Every record says where it comes from: its file, its number there, and
 * its name. Properties that the input has are not repeated, so that no number of the input is taken for a prediction.
 */
import { type Molecule, writeXyz } from '../formats/index.ts';
import type { Atoms, MoleculePrediction, OutputConfig } from '../models/index.ts';
import type { PlainGraph } from '../nn/plain-graph.ts';
import type { Prediction } from '../nn/predict.ts';
import { csvLine } from './csv-line.ts';
import { formatRows, type Precision, shortest } from './numbers.ts';

export const outputFormats = ['csv', 'jsonl', 'xyz', 'npz'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** A prediction with what it was made from. */
interface Row<Item, Result> {
  readonly file: string;
  readonly record: number;
  readonly name: string | undefined;
  readonly item: Item;
  readonly result: Result;
}

export interface Encoder<Item, Result> {
  /** Comes first. */
  readonly header: string;
  encode(row: Row<Item, Result>): string;
}

export type MoleculeEncoder = Encoder<Molecule, MoleculePrediction>;

export interface MoleculeOutputs {
  readonly outputs: readonly OutputConfig[];
  /** The output whose negative gradient is written. */
  readonly forces?: string;
  /** That forces were computed with; values are doubles. */
  readonly precision: Precision;
}

/** The prediction for a molecule as JSON has it. */
interface MoleculeNumbers {
  readonly atoms: number;
  readonly values: Readonly<Record<string, number>>;
  /** [atoms, 3] */
  readonly forces?: { readonly of: string; readonly unit?: string; readonly values: number[][] };
}

/** A line of JSON for a molecule, which becomes a row of npz too. */
export interface MoleculeLine extends MoleculeNumbers {
  readonly file: string;
  readonly record: number;
  readonly name?: string;
  readonly units: Readonly<Record<string, string>>;
}

export interface GraphOutputs {
  /** Of the graph; none for a model without a readout. */
  readonly outputs: readonly OutputConfig[];
  /** Of the model, which tell how many nodes a flat X has. */
  readonly inputFeatures: number;
  /** That `h`, `x` and `v` were computed with; values are doubles. */
  readonly precision: Precision;
}

/** The prediction for a graph as JSON has it. */
interface GraphNumbers {
  readonly nodes: number;
  /** By the outputs' names; of a model with a readout. */
  readonly values?: Readonly<Record<string, number>>;
  /** [nodes, columns] each */
  readonly h?: number[][];
  readonly x: number[][];
  readonly v?: number[][];
}

/** A line of JSON for a graph, which becomes a row of npz too. */
export interface GraphLine extends GraphNumbers {
  readonly file: string;
  readonly record: number;
  readonly name?: string;
  /** With `values`. */
  readonly units?: Readonly<Record<string, string>>;
}

/** Names that extended xyz, or a record of ours in it, has a meaning for already. */
const XYZ_NAMES = ['Properties', 'Lattice', 'pbc', 'name', 'charge', 'file', 'record'];

/** Names with units: `mu (D)`. */
export function moleculeCsv({ outputs }: MoleculeOutputs): MoleculeEncoder {
  const titles = outputs.map(({ name, unit }) => (unit === undefined ? name : `${name} (${unit})`));
  return {
    header: csvLine(['file', 'record', 'name', ...titles]),
    encode: ({ file, record, name = '', result: { values } }) =>
      csvLine([file, String(record), name, ...outputs.map((output) => String(values[output.name]))]),
  };
}

export function moleculeLines(outputs: MoleculeOutputs): MoleculeEncoder {
  const units = unitsOf(outputs.outputs);
  return {
    header: '',
    encode({ file, record, name, item, result }) {
      const { atoms, values, forces } = moleculeNumbers(item, result, outputs);
      const line: MoleculeLine = { file, record, name, atoms, values, units, forces };
      return `${JSON.stringify(line)}\n`;
    },
  };
}

export function moleculeNumbers(
  { numbers }: Atoms,
  { values, forces }: MoleculePrediction,
  { outputs, forces: of, precision }: MoleculeOutputs,
): MoleculeNumbers {
  const atoms = numbers.length;
  return {
    atoms,
    values,
    forces: forces && {
      of: of!,
      unit: forceUnit(outputs, of),
      values: formatRows(forces, atoms, precision),
    },
  };
}

/**
 * Atoms, box and charge as they came; predictions as properties, `NAME_unit` beside them; forces as a column.
 * @throws RangeError if an output's name means something else in this format
 */
export function moleculeXyz({ outputs, forces: of, precision }: MoleculeOutputs): MoleculeEncoder {
  const taken = outputs.find(({ name }) => XYZ_NAMES.includes(name));
  if (taken)
    throw new RangeError(`an output named ${taken.name} cannot stand in extended xyz; choose another format`);
  const unit = forceUnit(outputs, of);
  return {
    header: '',
    encode({ file, record, name, item, result: { values, forces } }) {
      const properties: Molecule['properties'] = new Map<string, string | number>([
        ['file', file],
        ['record', record],
      ]);
      for (const output of outputs) {
        properties.set(output.name, values[output.name]);
        if (output.unit !== undefined) properties.set(`${output.name}_unit`, output.unit);
      }
      const columns: Molecule['columns'] = new Map();
      if (forces) {
        properties.set('forces_of', of!);
        if (unit !== undefined) properties.set('forces_unit', unit);
        columns.set('forces', {
          type: 'real',
          width: 3,
          values: forces.map((force) => shortest(force, precision)),
        });
      }
      return writeXyz([{ ...item, name, properties, columns }]);
    },
  };
}

export function graphLines(outputs: GraphOutputs): Encoder<PlainGraph, Prediction> {
  const units = outputs.outputs.length > 0 ? unitsOf(outputs.outputs) : undefined;
  return {
    header: '',
    encode({ file, record, name, item, result }) {
      const { nodes, values, ...rows } = graphNumbers(item, result, outputs);
      const line: GraphLine = { file, record, name, nodes, values, units, ...rows };
      return `${JSON.stringify(line)}\n`;
    },
  };
}

export function graphNumbers(
  { X }: PlainGraph,
  { h, x, v, y }: Prediction,
  { outputs, inputFeatures, precision }: GraphOutputs,
): GraphNumbers {
  const nodes = typeof X[0] === 'number' ? X.length / inputFeatures : X.length;
  return {
    nodes,
    values: y && Object.fromEntries(outputs.map(({ name }, k) => [name, y[k]])),
    h: h && formatRows(h, nodes, precision),
    x: formatRows(x, nodes, precision),
    v: v && formatRows(v, nodes, precision),
  };
}

function unitsOf(outputs: readonly OutputConfig[]): Record<string, string> {
  return Object.fromEntries(outputs.flatMap(({ name, unit }) => (unit === undefined ? [] : [[name, unit]])));
}

function forceUnit(outputs: readonly OutputConfig[], of: string | undefined): string | undefined {
  const unit = outputs.find(({ name }) => name === of)?.unit;
  return unit === undefined ? undefined : `${unit}/angstrom`;
}
