/** Graphs: complete, from given edges, by radius, by nearest neighbours; one graph or a batch. */
export { type EdgeIndexConvention, type EdgeIndexInput, Graph } from './graph.ts';
