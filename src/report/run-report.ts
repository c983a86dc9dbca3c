/** @file The report of one run. */
import type { EpochMetrics } from '../train/task.ts';
import type { Fact, Measurement } from './measurement.ts';
import { learningCurve, learningRateCurve } from './plots/learning-curves.ts';
import {
  edgeProbabilities,
  errorHistogram,
  predictionAgainstTruth,
  wrongPairs,
} from './plots/predictions.ts';
import { worstCase } from './plots/worst-cases.ts';
import type { ReportRecord } from './record.ts';
import type { Part, Report, Section, Table } from './report.ts';
import {
  formatBytes,
  formatDuration,
  formatNumber,
  formatSetting,
  formatTestScores,
  type Score,
} from './text.ts';

/** What a run's folder holds, as a report needs it. */
export interface RunFacts {
  /** The run: the name of its folder. */
  readonly name: string;
  /** Of which experiment: `nbody`. */
  readonly task: string;
  /** What was trained: `egnn on nbody`. */
  readonly subject: string;
  /** What is made small in training, and decides on the validation set: `mean squared error`. */
  readonly errorName: string;
  /** As in config.json. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly metrics: readonly EpochMetrics[];
  readonly record: ReportRecord;
  readonly parameters?: number;
  /** On the test set, once the run is over. */
  readonly scores: readonly Score[];
}

export function runReport(run: RunFacts): Report {
  const { name, subject, record, metrics } = run;
  const { measurement } = record;
  return {
    title: `${subject}: ${name}`,
    subtitle: statusOf(run),
    highlights: highlightsOf(run),
    sections: [
      ...(run.scores.length > 0 ? [scoreSection(run.scores)] : []),
      ...(metrics.length > 0 ? [learningSection(run)] : []),
      ...(measurement ? predictionSections(measurement) : []),
      configurationSection(run),
      environmentSection(run),
    ],
    footer: `Written by egnn ${record.environment.egnn}, ${record.written} UTC. This file is complete in itself and loads nothing.`,
  };
}

const statusTexts: Readonly<Record<ReportRecord['status'], string>> = {
  finished: 'finished',
  early: 'stopped early: patience was at its end',
  interrupted: 'interrupted: this is how far it came',
  failed: 'failed',
  running: 'not over: this is how far it came',
};

function statusOf({ record, metrics, configuration }: RunFacts): string {
  const epochs = `${metrics.at(-1)?.epoch ?? 0} of ${configuration.epochs} epochs`;
  const failure = record.failure === undefined ? '' : `: ${record.failure}`;
  return `${epochs}, ${statusTexts[record.status]}${failure}`;
}

/** The epoch with the least validation error. */
export function bestEpoch(metrics: readonly EpochMetrics[]): EpochMetrics | undefined {
  return metrics.reduce<EpochMetrics | undefined>(
    (best, epoch) =>
      epoch.validation !== null && (best === undefined || epoch.validation < best.validation!) ? epoch : best,
    undefined,
  );
}

function highlightsOf({ scores, metrics, record, parameters }: RunFacts): Fact[] {
  const best = bestEpoch(metrics);
  return [
    ...scores
      .filter(({ main }) => main)
      .map(({ name, value }): Fact => [`test ${name}`, formatNumber(value)]),
    ...(best
      ? [[`best validation error, epoch ${best.epoch}`, formatNumber(best.validation!)] as const]
      : []),
    ...(parameters === undefined ? [] : [['parameters', parameters.toLocaleString('en')] as const]),
    ...(metrics.length > 0 ? [['training time', formatDuration(metrics.at(-1)!.seconds)] as const] : []),
    ...(record.peakMemory === undefined ? [] : [['memory at most', formatBytes(record.peakMemory)] as const]),
  ];
}

function scoreSection(scores: readonly Score[]): Section {
  return {
    name: 'test',
    title: 'Test error',
    parts: [{ kind: 'table', table: formatTestScores(scores) }],
  };
}

function learningSection({ name, metrics, errorName }: RunFacts): Section {
  const curve = { name, metrics };
  return {
    name: 'learning',
    title: 'Learning',
    parts: [{ kind: 'figures', figures: [learningCurve(curve, errorName), learningRateCurve(curve)] }],
  };
}

function predictionSections(measurement: Measurement): Section[] {
  const { set, samples, count, epoch, regressions, reconstruction, worst, worstNote, equivariance } =
    measurement;
  const small = regressions.length > 1;
  const what: Part = {
    kind: 'text',
    text:
      `${count.toLocaleString('en')} ${samples} of the ${set}` +
      (epoch === undefined ? '.' : `, with the weights of epoch ${epoch}, the best on the validation set.`),
  };
  const figures = (...figures: Extract<Part, { kind: 'figures' }>['figures']): Part => ({
    kind: 'figures',
    figures,
  });
  const sections: Section[] = [];
  if (regressions.length > 0)
    sections.push(
      {
        name: 'predictions',
        title: 'Prediction against truth',
        parts: [what, figures(...regressions.map((one) => predictionAgainstTruth(one, small)))],
      },
      {
        name: 'errors',
        title: 'Errors',
        parts: [
          {
            kind: 'text',
            text: 'Predicted minus true values. The outermost hundredth is cut off where it would hide the rest; captions say how many.',
          },
          figures(...regressions.map((one) => errorHistogram(one, small))),
        ],
      },
    );
  if (reconstruction)
    sections.push({
      name: 'edges',
      title: 'Edges: prediction against truth',
      parts: [what, figures(edgeProbabilities(reconstruction), wrongPairs(reconstruction, count))],
    });
  if (worst.length > 0)
    sections.push({
      name: 'worst',
      title: 'Worst cases',
      parts: [{ kind: 'text', text: worstNote }, figures(...worst.map(worstCase))],
    });
  if (equivariance)
    sections.push({
      name: 'equivariance',
      title: 'Equivariance',
      parts: [
        { kind: 'text', text: equivariance.note },
        { kind: 'table', table: equivarianceTable(equivariance) },
      ],
    });
  return sections;
}

function equivarianceTable({ errors }: NonNullable<Measurement['equivariance']>): Table {
  return {
    caption: 'Zero but for rounding where the mathematics promises it.',
    headings: ['transformation', 'largest relative error'],
    rows: errors.map(({ transformation, error }) => [transformation, error.toExponential(1)]),
  };
}

function configurationSection({ configuration }: RunFacts): Section {
  return {
    name: 'configuration',
    title: 'Configuration',
    parts: [
      {
        kind: 'facts',
        facts: Object.entries(configuration).map(([name, value]) => [name, formatSetting(value)]),
      },
    ],
  };
}

function epochTime({ seconds, epoch }: EpochMetrics): string {
  const each = seconds / epoch;
  return each < 1 ? `${Math.round(1000 * each)} ms` : formatDuration(each);
}

function environmentSection({ record, metrics }: RunFacts): Section {
  const { egnn, node, platform, processor, cores, backend, threads } = record.environment;
  const last = metrics.at(-1);
  const facts: Fact[] = [
    ['egnn', egnn],
    ['Node', node],
    ['platform', platform],
    ['processor', `${processor}, ${cores} core${cores === 1 ? '' : 's'}`],
    ['backend', backend],
    ['threads', String(threads)],
  ];
  if (last) facts.push(['training time', formatDuration(last.seconds)]);
  if (last) facts.push(['time of an epoch', epochTime(last)]);
  if (record.peakMemory !== undefined)
    facts.push(['memory at most (resident)', formatBytes(record.peakMemory)]);
  return { name: 'environment', title: 'Versions, time and memory', parts: [{ kind: 'facts', facts }] };
}
