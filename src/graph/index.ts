/** Graphs: complete, from given edges, by radius, by nearest neighbours; one graph or a batch. */
export { type EdgeIndexConvention, type EdgeIndexInput, Graph, type IndexValues } from './graph.ts';
export {
  type NearestNeighbourGraphOptions,
  nearestNeighbourGraph,
  type RadiusGraphOptions,
  radiusGraph,
} from './neighbours.ts';
export type { PlainMatrix } from './plain-matrix.ts';
export { inverseOrder, type SpatialOrderOptions, spatialOrder, takeRows } from './spatial-order.ts';
export { undirected, withoutDuplicates, withoutSelfLoops } from './transforms.ts';
