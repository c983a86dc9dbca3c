/** @file All trajectories of the authors' N-body data set, generated on two threads. */
import { generateNBody } from '../../dist/data/index.js';
import { MersenneTwister } from '../../dist/index.js';

const start = performance.now();
await generateNBody(14_000, new MersenneTwister(43), { threads: 2 });
console.log(JSON.stringify({ ms: performance.now() - start, peakMB: process.resourceUsage().maxRSS / 1e3 }));
