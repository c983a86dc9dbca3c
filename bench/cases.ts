/**
 * @file What is measured: models and graphs of the paper at several sizes, each with the times by which ours is to be
 * faster than each peer. A peer without a goal does not run the case: its arrays of one row an edge do not fit.
 */
export type PeerName = 'torch' | 'jax';
export const peerNames: readonly PeerName[] = ['torch', 'jax'];

export type GraphKind =
  | { readonly kind: 'complete'; readonly sizes: readonly number[] }
  /** A radius graph of uniformly spread nodes with so many neighbours on average. */
  | { readonly kind: 'radius'; readonly nodes: number; readonly neighbours: number }
  /** Complete graphs of real molecules. */
  | { readonly kind: 'molecules'; readonly count: number };

export interface Case {
  readonly name: string;
  /**
   * `velocity`: EGNN with velocities and two edge attributes, as for the N-body system. `qm9`: EGNN with attention and
   * without coordinate update, a node decoder, the sum over the atoms, a graph decoder.
   */
  readonly model: 'velocity' | 'qm9';
  readonly mode: 'forward' | 'train';
  readonly graphs: GraphKind;
  readonly hidden: number;
  readonly layers: number;
  readonly goals: Partial<Record<PeerName, number>>;
  readonly maximumPeakMB?: number;
  /** The same at another size, whose time this one's should be proportional to within `linearWithin`. */
  readonly linearTo?: { readonly name: string; readonly factor: number; readonly within: number };
}

const repeat = (size: number, count: number) => new Array<number>(count).fill(size);
const complete = (...sizes: number[]): GraphKind => ({ kind: 'complete', sizes });
const radius = (nodes: number): GraphKind => ({ kind: 'radius', nodes, neighbours: 30 });

const nbody = { model: 'velocity', graphs: complete(...repeat(5, 100)), hidden: 64, layers: 4 } as const;
const wide = { model: 'velocity', graphs: complete(...repeat(18, 96)), hidden: 128, layers: 7 } as const;
const qm9 = { model: 'qm9', graphs: { kind: 'molecules', count: 96 }, hidden: 128, layers: 7 } as const;
const single = { model: 'velocity', hidden: 64, layers: 4 } as const;
const linear = (name: string) => ({ name, factor: 10, within: 0.2 });

export const cases: readonly Case[] = [
  { ...nbody, name: 'nbody-train', mode: 'train', goals: { jax: 1.9, torch: 4.5 } },
  { ...nbody, name: 'nbody-forward', mode: 'forward', goals: { jax: 1.7, torch: 2.8 } },
  { ...wide, name: 'wide-train', mode: 'train', goals: { jax: 2.7, torch: 3.2 } },
  { ...wide, name: 'wide-forward', mode: 'forward', goals: { jax: 1.7, torch: 2.8 } },
  { ...qm9, name: 'qm9-train', mode: 'train', goals: { jax: 6, torch: 13 } },
  { ...qm9, name: 'qm9-forward', mode: 'forward', goals: { jax: 4.5, torch: 8 } },
  { ...single, name: 'complete200-train', mode: 'train', graphs: complete(200), goals: { jax: 5, torch: 5 } },
  { ...single, name: 'tiny-train', mode: 'train', graphs: complete(5), goals: { jax: 4, torch: 40 } },
  {
    ...single,
    name: 'complete2000-train',
    mode: 'train',
    graphs: complete(2000),
    goals: {},
    maximumPeakMB: 600,
  },
  { ...single, name: 'radius10k-forward', mode: 'forward', graphs: radius(10_000), goals: {} },
  { ...single, name: 'radius10k-train', mode: 'train', graphs: radius(10_000), goals: {} },
  {
    ...single,
    name: 'radius100k-forward',
    mode: 'forward',
    graphs: radius(100_000),
    goals: {},
    linearTo: linear('radius10k-forward'),
  },
  {
    ...single,
    name: 'radius100k-train',
    mode: 'train',
    graphs: radius(100_000),
    goals: {},
    linearTo: linear('radius10k-train'),
  },
];

export function caseNamed(name: string): Case {
  const found = cases.find((known) => known.name === name);
  if (!found) throw new RangeError(`no case is called ${name}`);
  return found;
}
