/** @file What a report shows of an autoencoder's run: how surely edges are told from pairs without one. */
import type { GraphParts, UndirectedGraph } from '../data/graphs/index.ts';
import { type GraphDrawing, type Reconstruction, type WorstCase, worstOf } from '../report/measurement.ts';
import type { EngineOptions } from '../start-engine.ts';
import type { AutoencoderScores, AutoencoderTask } from '../tasks/autoencoder.ts';
import { adjacencyOf } from '../tasks/autoencoder-inputs.ts';
import type { AutoencoderResult } from '../tasks/autoencoder-run.ts';
import { type AutoencoderSettings, paperScores } from '../tasks/autoencoder-settings.ts';
import type { ReportSource } from './report-source.ts';

const titles: Readonly<Record<AutoencoderSettings['model'], string>> = {
  egnn: 'EGNN',
  gnn: 'GNN',
  'noise-gnn': 'Noise-GNN',
  'radial-field': 'Radial field',
};
const BINS = 25;
const MOST_WRONG = 12;
const WORST = 6;

export const autoencoderReport: ReportSource<{
  settings: AutoencoderSettings & EngineOptions;
  data: GraphParts;
  task: AutoencoderTask;
  result: AutoencoderResult;
}> = {
  title: ({ model, dataset }) => `${titles[model]} autoencoder on ${dataset} graphs`,
  errorName: 'binary cross-entropy of a graph, summed over its pairs',
  scores({ all, unseen }, { dataset, model }) {
    const paper = dataset === 'overfit' ? undefined : paperScores[dataset][model];
    const part = (name: string, { crossEntropy, error, f1 }: AutoencoderScores['all'], main: boolean) => [
      { name: `cross-entropy${name}`, unit: '', value: crossEntropy, paper: paper?.crossEntropy, main },
      { name: `wrong pairs${name}`, unit: '%', value: 100 * error, paper: paper && 100 * paper.error },
      { name: `F1${name}`, unit: '', value: f1, paper: paper?.f1, main },
    ];
    return [...part('', all, true), ...(unseen ? part(', graphs not seen in training', unseen, false) : [])];
  },
  async measure(task, _data, _settings, { set, most }) {
    const found = (await task.reconstruct(set, most)).map(({ graph, logits }) => compare(graph, logits));
    const wrong = found.map(({ drawing }) => drawing.missed.length + drawing.invented.length);
    const reconstruction: Reconstruction = {
      edges: new Array(BINS).fill(0),
      others: new Array(BINS).fill(0),
      wrongPairs: new Array(MOST_WRONG + 1).fill(0),
    };
    for (const { probabilities } of found)
      for (const { isEdge, probability } of probabilities)
        reconstruction[isEdge ? 'edges' : 'others'][Math.min(BINS - 1, Math.floor(probability * BINS))]++;
    for (const count of wrong) reconstruction.wrongPairs[Math.min(count, MOST_WRONG)]++;
    return {
      set: `${set} set`,
      samples: 'graphs',
      count: found.length,
      regressions: [],
      reconstruction,
      worst: worstOf(wrong, WORST)
        .filter((row) => wrong[row] > 0)
        .map((row) => worstGraph(found[row].drawing, row, wrong[row])),
      worstNote:
        'The graphs with the most wrong pairs. Thin lines are edges that were found, dashed blue ones were missed, thick orange ones are none.',
    };
  },
};

/** Pairs i < j of a graph: an edge is predicted where the logit is above 0, as in the scores. */
function compare(graph: UndirectedGraph, logits: ArrayLike<number>) {
  const { nodes } = graph;
  const adjacency = adjacencyOf(graph);
  const drawing = { kind: 'graph', nodes, found: [], missed: [], invented: [] } as GraphDrawing;
  const probabilities: { isEdge: boolean; probability: number }[] = [];
  for (let i = 0; i < nodes; i++)
    for (let j = i + 1; j < nodes; j++) {
      const pair = i * (nodes - 1) + j - 1;
      const [isEdge, isPredicted] = [adjacency[pair] === 1, logits[pair] > 0];
      if (isEdge) drawing[isPredicted ? 'found' : 'missed'].push([i, j]);
      else if (isPredicted) drawing.invented.push([i, j]);
      probabilities.push({ isEdge, probability: 1 / (1 + Math.exp(-logits[pair])) });
    }
  return { drawing, probabilities };
}

function worstGraph(drawing: GraphDrawing, row: number, wrong: number): WorstCase {
  const { nodes, missed, invented } = drawing;
  return {
    name: `graph ${row}`,
    facts: [
      ['wrong pairs', `${wrong} of ${(nodes * (nodes - 1)) / 2}`],
      ['missed', String(missed.length)],
      ['invented', String(invented.length)],
    ],
    drawing,
  };
}
