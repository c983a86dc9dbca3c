/**
 * @file How well adjacencies were reconstructed, as the paper's section 5.2 reports it, over all ordered pairs of nodes:
 * binary cross-entropy of a graph (the sum over its pairs, the mean over graphs), share of the pairs that are decided
 * wrongly, and F1 score of the edges.
 */

/** What one graph, or several, add up to. */
export interface ReconstructionCounts {
  readonly pairs: number;
  /** Sum of -log(probability of what is true) over the pairs. */
  readonly crossEntropy: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
}

export interface ReconstructionScores {
  readonly graphs: number;
  /** Cross-entropy of a graph, on average. */
  readonly crossEntropy: number;
  /** Share of the ordered pairs that are wrong, in [0, 1]. */
  readonly error: number;
  /** 2 TP / (2 TP + FP + FN); 1 where there are no edges and none are found. */
  readonly f1: number;
}

/**
 * @param logits [pairs], an edge is predicted where they are above 0
 * @param adjacency [pairs], each 0 or 1
 */
export function countReconstruction(
  logits: ArrayLike<number>,
  adjacency: ArrayLike<number>,
): ReconstructionCounts {
  const counts = {
    pairs: adjacency.length,
    crossEntropy: 0,
    truePositives: 0,
    falsePositives: 0,
    falseNegatives: 0,
  };
  for (let pair = 0; pair < adjacency.length; pair++) {
    const [logit, isEdge] = [logits[pair], adjacency[pair] === 1];
    // -log sigmoid(logit) or -log(1 - sigmoid(logit)), without overflow.
    counts.crossEntropy += Math.max(isEdge ? -logit : logit, 0) + Math.log1p(Math.exp(-Math.abs(logit)));
    if (logit > 0 && isEdge) counts.truePositives++;
    else if (logit > 0) counts.falsePositives++;
    else if (isEdge) counts.falseNegatives++;
  }
  return counts;
}

/** @param graphs one or more graphs' counts @throws RangeError if there are none */
export function scoreReconstruction(graphs: readonly ReconstructionCounts[]): ReconstructionScores {
  if (graphs.length === 0) throw new RangeError('scores need at least one graph; got none');
  const total = (name: keyof ReconstructionCounts) => graphs.reduce((sum, counts) => sum + counts[name], 0);
  const wrong = total('falsePositives') + total('falseNegatives');
  const right = total('truePositives');
  return {
    graphs: graphs.length,
    crossEntropy: total('crossEntropy') / graphs.length,
    error: wrong / total('pairs'),
    f1: right + wrong === 0 ? 1 : right / (right + wrong / 2),
  };
}
