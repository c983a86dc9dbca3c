/** @file A graph as backends hold it; its indices are made when an operation first asks for them. */
import type { Graph } from '../graph/graph.ts';
import type { GraphHandle, RowIndex, Rows } from './backend.ts';
import { expectIndices } from './check-arguments.ts';

interface GraphRows {
  readonly nodes: Rows;
  readonly edges: Rows;
  readonly graphs: Rows;
}

type MakeIndex = (values: Int32Array, from: Rows, to: Rows) => RowIndex;

export class LazyGraphHandle implements GraphHandle {
  readonly graph: Graph;
  readonly nodes: Rows;
  readonly edges: Rows;
  readonly graphs: Rows;
  readonly #makeIndex: MakeIndex;
  #receivers: RowIndex | undefined;
  #senders: RowIndex | undefined;
  #graphOfNode: RowIndex | undefined;

  constructor(graph: Graph, rows: GraphRows, makeIndex: MakeIndex) {
    this.graph = graph;
    this.nodes = rows.nodes;
    this.edges = rows.edges;
    this.graphs = rows.graphs;
    this.#makeIndex = makeIndex;
  }

  get receivers(): RowIndex {
    this.#receivers ??= this.#index('receivers', this.edges, this.nodes);
    return this.#receivers;
  }

  get senders(): RowIndex {
    this.#senders ??= this.#index('senders', this.edges, this.nodes);
    return this.#senders;
  }

  get graphOfNode(): RowIndex {
    this.#graphOfNode ??= this.#index('graphOfNode', this.nodes, this.graphs);
    return this.#graphOfNode;
  }

  #index(name: 'receivers' | 'senders' | 'graphOfNode', from: Rows, to: Rows): RowIndex {
    const values = this.graph[name];
    expectIndices(`graph: ${name}`, values, from.count, to.count);
    return this.#makeIndex(values, from, to);
  }
}
