/** @file What the processes of a server say to each other. Both send structured clones, typed arrays included. */
import type { Atoms, ModelContents } from '../models/index.ts';
import type { PlainGraph } from '../nn/plain-graph.ts';
import type { JobKind } from '../predict/jobs.ts';
import type { EngineOptions } from '../start-engine.ts';
import type { Limits, NamedModel } from './options.ts';

/** A model as its clients see it. */
export interface ModelDescription {
  readonly name: string;
  readonly kind: JobKind;
  readonly parameters: number;
  /** SHA-256 of the configuration and the weights. */
  readonly digest: string;
  /** Of molecules, the symbols that the model knows. */
  readonly elements?: readonly string[];
  /** Of graphs, the numbers a node, an edge and a node's attributes; 0 for none. */
  readonly inputFeatures?: number;
  readonly edgeFeatures?: number;
  readonly nodeAttributes?: number;
  readonly velocity?: boolean;
  /** Numbers of `h` a node; 0 where only coordinates come out. */
  readonly outputFeatures?: number;
  /** What comes out for a molecule, or for a graph where there is a readout. */
  readonly outputs?: readonly {
    readonly name: string;
    readonly unit?: string;
    readonly testError?: number;
  }[];
}

export type Item = Atoms | PlainGraph;

/** One molecule or graph of a request: what was read, or what is wrong with it. */
export type ReadItem = { readonly name?: string } & (
  | { readonly item: Item; readonly error?: undefined }
  | { readonly item?: undefined; readonly error: string }
);

/** What the process that computes is started with. */
export interface ComputeSettings {
  /** To be read from their paths, or as a process before this one has read them. */
  readonly models: readonly (NamedModel | ReadModel)[];
  readonly engine: EngineOptions;
}

/** A model by its name, whatever has become of its files. */
export interface ReadModel {
  readonly name: string;
  readonly contents: ModelContents;
}

/** What it says once it is ready. */
export interface ComputeReady {
  readonly models: readonly ModelDescription[];
  readonly read: readonly ReadModel[];
  readonly backend: string;
}

/** Items of one model. */
export interface Batch {
  readonly model: string;
  readonly kind: JobKind;
  /** The output whose negative gradient is wanted. */
  readonly forces?: string;
  readonly items: readonly Item[];
}

/** For each item the JSON object of its prediction, or what is wrong with it. */
export type BatchResult = readonly ({ readonly json: string } | { readonly error: string })[];

/** A request's body, for the process that reads those that take long. */
export interface ReadJob {
  readonly bytes: Uint8Array;
  readonly type: string;
  readonly kind: JobKind;
}

/** What the process that reads is started with. */
export interface ReaderSettings {
  readonly limits: Limits;
}

export type ReadResult =
  | { readonly items: readonly ReadItem[]; readonly problem?: undefined }
  | { readonly items?: undefined; readonly problem: string };

/** `cancel`: that job is of no use any more. */
export type ToChild<Job> =
  | { readonly start: unknown }
  | { readonly id: number; readonly job: Job }
  | { readonly cancel: number };
export type FromChild<Ready, Result> =
  | { readonly ready: Ready }
  | { readonly failed: string; readonly code?: string }
  | { readonly id: number; readonly result: Result };
