/**
 * @file Mini-batches of graphs of different sizes that all mean about the same work.
 *
 * A complete graph of n nodes has n (n - 1) edges, and a batch costs what its edges cost. Graphs are shuffled, sorted
 * by size, and cut into layers with one graph for each batch. Each layer is dealt out so that the batch with the fewest
 * edges so far gets its largest graph. Two batches then never differ by more edges than the two most different graphs
 * of one layer do: dealing descending to ascending cannot widen the gap beyond the larger of both. The seed decides
 * which of the graphs of about one size come together.
 */
import type { MersenneTwister } from '../random/mersenne-twister.ts';

/**
 * Every graph once, in as few batches as `batchSize` allows; batches differ by at most one graph.
 * @param sizes the number of nodes of each graph
 * @returns batches of places in `sizes`, the largest graph first, in random order
 * @throws RangeError if the batch size is not an integer of at least 1
 */
export function balancedBatches(
  sizes: ArrayLike<number>,
  batchSize: number,
  random: MersenneTwister,
): Int32Array[] {
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`invalid batchSize; not an integer of at least 1: ${batchSize}`);
  }
  const order = random.permutation(sizes.length).sort((a, b) => sizes[b] - sizes[a]);
  const count = Math.ceil(sizes.length / batchSize);
  const batches = Array.from({ length: count }, () => ({ edges: 0, graphs: [] as number[] }));
  for (let first = 0; first < order.length; first += count) {
    batches.sort((a, b) => a.edges - b.edges);
    order.subarray(first, first + count).forEach((graph, k) => {
      batches[k].graphs.push(graph);
      batches[k].edges += sizes[graph] * (sizes[graph] - 1);
    });
  }
  random.shuffle(batches);
  return batches.map(({ graphs }) => Int32Array.from(graphs));
}
