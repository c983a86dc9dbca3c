/** @file What a server can be told, with its defaults: where it listens, who may ask, and how much it takes on. */
import type { EngineOptions } from '../start-engine.ts';
import type { KeySources } from './access.ts';

/** A model by the name in its address. */
export interface NamedModel {
  readonly name: string;
  /** As `egnn predict` takes it. */
  readonly path: string;
}

export interface Limits {
  /** Of a request's body. */
  readonly bodyBytes: number;
  /** Of a request's answer, as it is estimated beforehand. */
  readonly answerBytes: number;
  /** Of all bodies that are being received; of all that are being answered, with their answers. */
  readonly totalBytes: number;
  /** Molecules or graphs of a request. */
  readonly items: number;
  /** Atoms of a molecule. */
  readonly atoms: number;
  /** Nodes of a graph. */
  readonly nodes: number;
  /** Edges of a molecule or graph; one that comes without them is complete. */
  readonly edges: number;
  /** Edges of all molecules or graphs of a request. */
  readonly requestEdges: number;
  /** Requests that have been taken on and not answered. */
  readonly queue: number;
  readonly connections: number;
  /** For an answer, from the end of the body on; for receiving a request; and for a client that takes nothing. */
  readonly seconds: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 4 * 2 ** 20,
  answerBytes: 64 * 2 ** 20,
  totalBytes: 256 * 2 ** 20,
  items: 1_000,
  atoms: 512,
  nodes: 2_048,
  edges: 262_144,
  requestEdges: 4_194_304,
  queue: 64,
  connections: 1_024,
  seconds: 30,
};

export interface ServerOptions {
  readonly models: readonly NamedModel[];
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Names in Host headers that are answered to on loopback too, such as a proxy's. */
  readonly allowedHosts: readonly string[];
  /** Those who give none of these keys are refused; without sources, everyone may ask. */
  readonly keys: KeySources;
  readonly limits: Limits;
  readonly engine: EngineOptions;
  /** The script of the process that computes; see `compute-process.ts`. */
  readonly computeScript: URL;
  readonly logLevel: LogLevel;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];
