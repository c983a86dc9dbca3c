/** @file The radius graph of 100,000 uniformly spread nodes with about 30 neighbours. */
import { radiusGraph } from '../../dist/graph/index.js';
import { MersenneTwister } from '../../dist/index.js';

const NODES = 100_000;
const random = new MersenneTwister(1);
const x = Float32Array.from({ length: NODES * 3 }, () => random.uniform(0, Math.cbrt(NODES)));

const milliseconds: number[] = [];
let edges = 0;
for (let k = 0; k < 7; k++) {
  const start = performance.now();
  edges = radiusGraph(x, { dimensions: 3, radius: 1.96 }).graph.edgeCount;
  milliseconds.push(performance.now() - start);
}
const peakMB = process.resourceUsage().maxRSS / 1e3;
console.log(JSON.stringify({ milliseconds, first: milliseconds[0], edges, peakMB }));
