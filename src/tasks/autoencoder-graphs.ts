/** @file The graphs of an autoencoder's training by name, those of the experiment on learning by heart among them. */
import { drawErdosRenyi } from '../data/graphs/erdos-renyi.ts';
import { communityGraphs, erdosRenyiGraphs, type GraphParts } from '../data/graphs/index.ts';
import { pythonRandom, pythonShuffle } from '../data/graphs/python-random.ts';
import type { AutoencoderDataSettings } from './autoencoder-settings.ts';

const OVERFIT_GRAPHS = 100;
const OVERFIT_SEED = 3;

/** Drawn in milliseconds. */
export function autoencoderGraphs({ dataset, edgeProbability }: AutoencoderDataSettings): GraphParts {
  switch (dataset) {
    case 'community':
      return communityGraphs();
    case 'erdos-renyi':
      return erdosRenyiGraphs();
    case 'overfit':
      return overfitGraphs(edgeProbability);
  }
}

/** 100 Erdos-Renyi graphs of 7 to 16 nodes, the same to train on, to validate and to test: the authors' `overfit`. */
function overfitGraphs(edgeProbability: number): GraphParts {
  const random = pythonRandom(OVERFIT_SEED);
  const graphs = Array.from({ length: OVERFIT_GRAPHS }, (_, k) =>
    drawErdosRenyi(7 + (k % 10), edgeProbability, random),
  );
  pythonShuffle(graphs, random);
  return { train: graphs, valid: graphs, test: graphs };
}
