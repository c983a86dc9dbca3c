/**
 * @file The two experiments beside the paper's table: how few dimensions an embedding can have, and whether a model can
 * reconstruct 100 graphs that it may learn by heart.
 *
 * The second says what a model can express at all. Where nodes of a graph look alike, a GNN without noise gives them the
 * same embedding and cannot tell their pairs apart, however long it learns.
 */
import type { Engine } from '../tensor/engine.ts';
import type { TrainingContext } from '../train/loop.ts';
import { autoencoderGraphs } from './autoencoder-graphs.ts';
import { type AutoencoderResult, runAutoencoder } from './autoencoder-run.ts';
import type { AutoencoderSettings } from './autoencoder-settings.ts';

/** Several trainings share no folder. */
type SeriesContext = Omit<TrainingContext, 'folder' | 'resume'>;

/** The same training for each size of the embedding. @returns one result a size */
export function compareEmbeddingSizes(
  engine: Engine,
  settings: AutoencoderSettings,
  sizes: readonly number[] = [8, 4, 2],
  context: SeriesContext = {},
): Promise<AutoencoderResult[]> {
  return runAll(
    engine,
    sizes.map((embedding) => ({ ...settings, embedding })),
    context,
  );
}

/** The same training on 100 graphs of each edge probability, `overfitRecipe` for one. @returns one result each */
export function compareEdgeProbabilities(
  engine: Engine,
  settings: AutoencoderSettings,
  probabilities: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5],
  context: SeriesContext = {},
): Promise<AutoencoderResult[]> {
  const onGraphs = (edgeProbability: number) =>
    ({ ...settings, dataset: 'overfit', edgeProbability }) as const;
  return runAll(engine, probabilities.map(onGraphs), context);
}

/** One after the other, until interrupted. */
async function runAll(
  engine: Engine,
  series: readonly AutoencoderSettings[],
  context: SeriesContext,
): Promise<AutoencoderResult[]> {
  const results: AutoencoderResult[] = [];
  for (const settings of series) {
    if (context.signal?.aborted) break;
    results.push((await runAutoencoder(engine, settings, autoencoderGraphs(settings), context)).result);
  }
  return results;
}
