/** @file What the bench tells about a case or about a figure without a peer, as `--json` prints it. */
import type { Agreement } from './agreement.ts';
import type { PeerName } from './cases.ts';

export interface OursRow {
  /** The median of a run. */
  readonly ms?: number;
  readonly quartiles?: readonly [number, number];
  readonly gflops?: number;
  /** Of the machine's peak, as the bench's own matrix product measures it. */
  readonly shareOfPeak?: number;
  /** The largest resident memory of the process that ran this case alone, Node itself included. */
  readonly peakMB?: number;
  /** Of rows that are not a time: see `unit`. */
  readonly value?: number;
  readonly unit?: string;
}

export interface PeerRow {
  readonly ms: number;
  readonly quartiles: readonly [number, number];
  readonly gflops: number;
  /** The peer's median over ours. */
  readonly ratio: number;
  readonly goal?: number;
  readonly agreement: Agreement;
}

export interface Goal {
  /** What is wanted, in words: `< 1000 ms`. */
  readonly wanted: string;
  readonly met: boolean;
}

export interface Row {
  readonly case: string;
  readonly ours: OursRow;
  readonly peers: Partial<Record<PeerName, PeerRow>>;
  readonly goals: readonly Goal[];
  readonly note?: string;
  /** What went wrong; nothing was timed then. */
  readonly error?: string;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly threads: number;
  readonly system: string;
  readonly node: string;
  /** GFLOP/s of the bench's own matrix product on all threads together. */
  readonly peakGflops: number;
  ours: string;
  peers: Partial<Record<PeerName, string>>;
}
