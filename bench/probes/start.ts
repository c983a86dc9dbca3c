/** @file From nothing to an engine that computes: the import and the start, kernels and workers included. */
const start = performance.now();
const { startEngine } = await import('../../dist/index.js');
const engine = await startEngine();
const ms = performance.now() - start;
engine.close();
console.log(JSON.stringify({ ms }));
