/**
 * @file How the cost of a training step grows with the number of nodes, of edges, the width and the number of layers:
 * `node bench/scaling.ts` draws docs/images/scaling.svg and prints the numbers as Markdown. One of the four changes at
 * a time; dashed lines show what proportional growth (with H^2 for the width) would be from the largest size down.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { startEngine } from '../dist/index.js';
import type { Case } from './cases.ts';
import { Ours } from './model.ts';
import { operationsOf } from './operations.ts';
import { type Panel, svgOf } from './plot.ts';
import { writeProblem } from './problem.ts';
import { type Summary, summarise } from './statistics.ts';
import { withFolder } from './temporary.ts';

const WARM_UP_MS = 1000;
const MEASURED_MS = 2000;
const IMAGE = new URL('../docs/images/scaling.svg', import.meta.url);

interface Setting {
  readonly nodes: number;
  readonly neighbours: number;
  readonly hidden: number;
  readonly layers: number;
}

interface Sweep {
  readonly title: string;
  readonly xLabel: string;
  /** How many times more is needed for twice the value, as a power of two. */
  readonly power: number;
  readonly settings: readonly (readonly [value: number, setting: Setting])[];
}

interface Measured {
  readonly value: number;
  readonly edges: number;
  readonly summary: Summary;
  readonly gflops: number;
}

const base: Setting = { nodes: 5000, neighbours: 20, hidden: 64, layers: 4 };
const sweep = (values: readonly number[], change: (value: number) => Partial<Setting>) =>
  values.map((value) => [value, { ...base, ...change(value) }] as const);

const sweeps: readonly Sweep[] = [
  {
    title: 'nodes, 20 neighbours each',
    xLabel: 'nodes N',
    power: 1,
    settings: sweep([500, 1000, 2000, 5000, 10_000, 20_000, 50_000], (nodes) => ({ nodes })),
  },
  {
    title: 'edges, 5,000 nodes',
    xLabel: 'edges E / N',
    power: 1,
    settings: sweep([5, 10, 20, 40, 80, 160], (neighbours) => ({ neighbours })),
  },
  {
    title: 'width, 5,000 nodes, 100,000 edges',
    xLabel: 'hidden features H',
    power: 2,
    settings: sweep([16, 32, 64, 128, 256], (hidden) => ({ hidden })),
  },
  {
    title: 'layers, 5,000 nodes, 100,000 edges',
    xLabel: 'layers',
    power: 1,
    settings: sweep([1, 2, 4, 8, 16], (layers) => ({ layers })),
  },
];

const panels: Panel[] = [];
const tables: string[] = [];
for (const { title, xLabel, power, settings } of sweeps) {
  const measured: Measured[] = [];
  for (const [value, setting] of settings) {
    console.error(`${title}: ${value} ...`);
    measured.push(await measure(value, setting));
  }
  panels.push(panelOf(title, xLabel, power, measured));
  tables.push(tableOf(title, xLabel, measured));
}
mkdirSync(new URL('.', IMAGE), { recursive: true });
writeFileSync(IMAGE, svgOf('Milliseconds a training step against nodes, edges, width and layers', panels));
console.log(tables.join('\n\n'));

function measure(value: number, { nodes, neighbours, hidden, layers }: Setting): Promise<Measured> {
  const theCase: Case = {
    name: 'scaling',
    model: 'velocity',
    mode: 'train',
    graphs: { kind: 'radius', nodes, neighbours },
    hidden,
    layers,
    goals: {},
  };
  return withFolder(async (folder) => {
    const counts = await writeProblem(theCase, folder);
    // An engine of its own: a plan's memory belongs to its engine.
    const engine = await startEngine();
    const ours = new Ours(engine, theCase, folder);
    await timesFor(WARM_UP_MS, ours);
    const summary = summarise(await timesFor(MEASURED_MS, ours));
    engine.close();
    return {
      value,
      edges: counts.edges,
      summary,
      gflops: operationsOf(theCase, counts) / summary.median / 1e6,
    };
  });
}

/** At least three. */
async function timesFor(milliseconds: number, ours: Ours): Promise<number[]> {
  const times: number[] = [];
  for (const end = performance.now() + milliseconds; times.length < 3 || performance.now() < end; ) {
    const start = performance.now();
    await ours.run();
    times.push(performance.now() - start);
  }
  return times;
}

function panelOf(title: string, xLabel: string, power: number, measured: readonly Measured[]): Panel {
  const last = measured.at(-1)!;
  const proportional = measured.map(
    ({ value }) => [value, last.summary.median * (value / last.value) ** power] as const,
  );
  return {
    title,
    xLabel,
    yLabel: 'ms a training step',
    curves: [
      { label: 'measured', points: measured.map(({ value, summary }) => [value, summary.median] as const) },
      { label: power === 1 ? 'proportional' : `proportional to the power of ${power}`, points: proportional },
    ],
  };
}

function tableOf(title: string, xLabel: string, measured: readonly Measured[]): string {
  return [
    `**${title}**`,
    '',
    `| ${xLabel} | edges | ms a training step | GFLOP/s |`,
    '| ---: | ---: | ---: | ---: |',
    ...measured.map(
      ({ value, edges, summary, gflops }) =>
        `| ${value.toLocaleString('en')} | ${edges.toLocaleString('en')} | ${Number(summary.median.toPrecision(3)).toLocaleString('en')} | ${gflops.toFixed(0)} |`,
    ),
  ].join('\n');
}
