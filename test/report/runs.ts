/** @file Runs as a report takes them, without a training. */
import { type Measurement, summariseRegression } from '../../src/report/measurement.ts';
import type { ReportRecord } from '../../src/report/record.ts';
import type { RunFacts } from '../../src/report/run-report.ts';
import type { EpochMetrics } from '../../src/train/task.ts';

export function metricsOf(epochs: number): EpochMetrics[] {
  return Array.from({ length: epochs }, (_, k) => ({
    epoch: k + 1,
    step: 10 * (k + 1),
    loss: 1 / (k + 1),
    validation: k % 2 === 1 ? 1.2 / (k + 1) : null,
    learningRate: 1e-3 * (1 - k / epochs),
    seconds: 0.5 * (k + 1),
  }));
}

/** Twelve targets of as many values as QM9's test set has, and one drawing of each kind. */
export function measurementOf(values = 13_083): Measurement {
  const truth = Float64Array.from({ length: values }, (_, k) => 100 * Math.sin(k));
  const predicted = truth.map((value, k) => value + 3 * Math.cos(7 * k));
  return {
    set: 'test set',
    samples: 'molecules',
    count: values,
    epoch: 2,
    regressions: Array.from({ length: 12 }, (_, k) =>
      summariseRegression({ name: `target ${k}`, unit: 'meV', description: 'energy' }, truth, predicted, 500),
    ),
    reconstruction: { edges: [0, 2, 30], others: [900, 1, 0], wrongPairs: [5, 2, 1] },
    worst: [
      {
        name: 'trajectory 3',
        facts: [['mean squared error', '0.3']],
        drawing: {
          kind: 'motion',
          charges: [1, -1],
          path: [
            [0, 0, 0, 1, 1, 1],
            [0, 1, 0, 1, 2, 1],
          ],
          predicted: [0, 1.1, 0, 1, 1.5, 1],
        },
      },
      {
        name: '7: H2O',
        facts: [['mu true', '1.8 D']],
        drawing: {
          kind: 'molecule',
          atoms: ['O', 'H', 'H'],
          positions: [0, 0, 0.12, 0, 0.76, -0.48, 0, -0.76, -0.48],
        },
      },
      {
        name: 'graph 1',
        facts: [['wrong pairs', '2 of 6']],
        drawing: { kind: 'graph', nodes: 4, found: [[0, 1]], missed: [[1, 2]], invented: [[0, 3]] },
      },
    ],
    worstNote: 'The worst.',
    equivariance: { note: 'f(g x) against g f(x).', errors: [{ transformation: 'rotation', error: 1.2e-7 }] },
  };
}

export function recordOf(changes: Partial<ReportRecord> = {}): ReportRecord {
  return {
    format: 'egnn-report',
    version: 1,
    status: 'finished',
    written: '2021-02-19 12:00',
    environment: {
      egnn: '0.1.0',
      node: 'v24.0.0',
      platform: 'linux x64',
      processor: 'a processor',
      cores: 2,
      backend: 'WebAssembly',
      threads: 2,
    },
    peakMemory: 3 * 2 ** 30,
    ...changes,
  };
}

export function runOf(changes: Partial<RunFacts> = {}): RunFacts {
  return {
    name: 'one',
    task: 'qm9',
    subject: 'EGNN on QM9',
    errorName: 'mean absolute error',
    configuration: { task: 'qm9', epochs: 4, trajectories: [1, 2, 3] },
    metrics: metricsOf(4),
    record: recordOf({ measurement: measurementOf() }),
    parameters: 1234,
    scores: [{ name: 'mu', unit: 'D', value: 0.05, paper: 0.029, main: true }],
    ...changes,
  };
}
