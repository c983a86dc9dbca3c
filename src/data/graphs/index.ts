/** @file The data sets of the graph autoencoder: Erdos-Renyi and community graphs. */
export { communityGraphs } from './community.ts';
export { erdosRenyiGraphs } from './erdos-renyi.ts';
export { type GraphParts, markUnseen, type UndirectedGraph } from './graph-set.ts';
