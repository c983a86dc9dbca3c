/** @file Several runs of one experiment side by side: what came out, how they learned, and in what they differ. */
import type { Figure } from './figure.ts';
import type { Measurement } from './measurement.ts';
import { comparedCurves } from './plots/learning-curves.ts';
import { comparedErrors } from './plots/predictions.ts';
import type { Part, Report, Section, Table } from './report.ts';
import { bestEpoch, type RunFacts } from './run-report.ts';
import { formatBytes, formatDuration, formatNumber, formatSetting } from './text.ts';

/** @param runs two or more, of one experiment @param about egnn's version, and the time of writing */
export function comparisonReport(
  runs: readonly RunFacts[],
  about: { readonly egnn: string; readonly written: string },
): Report {
  const best = [...runs].sort((a, b) => leastError(a) - leastError(b))[0];
  return {
    title: `${runs.length} runs of ${runs[0].task}`,
    subtitle: runs.map(({ name }) => name).join(', '),
    highlights: Number.isFinite(leastError(best))
      ? [[`best validation error: ${best.name}`, formatNumber(leastError(best))]]
      : [],
    sections: [
      { name: 'results', title: 'Results', parts: [tablePart(resultTable(runs)), ...scoreTables(runs)] },
      ...learningSection(runs),
      ...errorSection(runs),
      ...equivarianceSection(runs),
      {
        name: 'configuration',
        title: 'Configuration',
        parts: [
          tablePart(differenceTable(runs)),
          { kind: 'facts', facts: sharedSettings(runs).map(([name, value]) => [name, value]) },
        ],
      },
    ],
    footer: `Written by egnn ${about.egnn}, ${about.written} UTC. This file is complete in itself and loads nothing.`,
  };
}

const leastError = ({ metrics }: RunFacts) => bestEpoch(metrics)?.validation ?? Number.POSITIVE_INFINITY;
const tablePart = (table: Table): Part => ({ kind: 'table', table });

function resultTable(runs: readonly RunFacts[]): Table {
  return {
    caption: `Validation error: ${runs[0].errorName}.`,
    headings: [
      'run',
      'what',
      'status',
      'epochs',
      'best epoch',
      'validation error',
      'parameters',
      'time',
      'memory',
    ],
    rows: runs.map(({ name, subject, record, metrics, parameters }) => {
      const best = bestEpoch(metrics);
      const last = metrics.at(-1);
      return [
        name,
        subject,
        record.status,
        String(last?.epoch ?? 0),
        best ? String(best.epoch) : '-',
        best ? formatNumber(best.validation!) : '-',
        parameters?.toLocaleString('en') ?? '-',
        last ? formatDuration(last.seconds) : '-',
        record.peakMemory === undefined ? '-' : formatBytes(record.peakMemory),
      ];
    }),
  };
}

/** One row a test score, one column a run; the paper's in one more, or in each cell where they differ. */
function scoreTables(runs: readonly RunFacts[]): Part[] {
  const names = [...new Set(runs.flatMap(({ scores }) => scores.map(({ name }) => name)))];
  if (names.length === 0) return [];
  const rows = names.map((name) => runs.map(({ scores }) => scores.find((score) => score.name === name)));
  const papersOf = (row: (typeof rows)[number]) =>
    new Set(row.flatMap((score) => (score ? [score.paper] : [])));
  const isOnePaper = rows.every((row) => papersOf(row).size === 1);
  const hasPaper = rows.some((row) => row.some((score) => score?.paper !== undefined));
  const hasUnit = rows.some((row) => row.some((score) => score && score.unit !== ''));
  const optional = (value: number | undefined) => (value === undefined ? '' : formatNumber(value));
  const cell = (score: (typeof rows)[number][number]) =>
    score === undefined
      ? '-'
      : formatNumber(score.value) +
        (isOnePaper || score.paper === undefined ? '' : ` (paper: ${formatNumber(score.paper)})`);
  return [
    tablePart({
      caption: 'On the test set, each with the weights of its best validation error.',
      headings: [
        '',
        ...(hasUnit ? ['unit'] : []),
        ...runs.map(({ name }) => name),
        ...(hasPaper && isOnePaper ? ['paper'] : []),
      ],
      rows: rows.map((row, k) => [
        names[k],
        ...(hasUnit ? [row.find((score) => score)?.unit ?? ''] : []),
        ...row.map(cell),
        ...(hasPaper && isOnePaper ? [...papersOf(row)].map(optional) : []),
      ]),
    }),
  ];
}

function learningSection(runs: readonly RunFacts[]): Section[] {
  const curves = runs.filter(({ metrics }) => bestEpoch(metrics) !== undefined);
  if (curves.length === 0) return [];
  const { errorName } = runs[0];
  const figures = [comparedCurves(curves, errorName, 'epoch'), comparedCurves(curves, errorName, 'seconds')];
  return [{ name: 'learning', title: 'Learning', parts: [{ kind: 'figures', figures }] }];
}

function errorSection(runs: readonly RunFacts[]): Section[] {
  const measured = runs.flatMap(({ name, record }, place) =>
    (record.measurement?.regressions ?? []).map((regression) => ({ name, place, regression })),
  );
  const targets = [...new Set(measured.map(({ regression }) => regression.name))];
  if (targets.length === 0) return [];
  const figures: Figure[] = targets.map((target) =>
    comparedErrors(
      target,
      measured.filter(({ regression }) => regression.name === target),
      targets.length > 1,
    ),
  );
  const sets = [...new Set(runs.flatMap(({ record }) => record.measurement?.set ?? []))].join(', ');
  const text = `How many of the values have an absolute error below x, on the ${sets}; the colours are those of the learning curves. Further left is better.`;
  return [
    {
      name: 'errors',
      title: 'Errors',
      parts: [
        { kind: 'text', text },
        { kind: 'figures', figures },
      ],
    },
  ];
}

function equivarianceSection(runs: readonly RunFacts[]): Section[] {
  type Equivariance = NonNullable<Measurement['equivariance']>;
  const measured = runs.flatMap(({ name, record }): [string, Equivariance][] =>
    record.measurement?.equivariance ? [[name, record.measurement.equivariance]] : [],
  );
  if (measured.length === 0) return [];
  const transformations = [
    ...new Set(measured.flatMap(([, { errors }]) => errors.map(({ transformation }) => transformation))),
  ];
  const cell = ({ errors }: Equivariance, name: string) =>
    errors.find(({ transformation }) => transformation === name)?.error.toExponential(1) ?? '-';
  const table = {
    caption: 'Zero but for rounding where the mathematics promises it.',
    headings: ['largest relative error under', ...measured.map(([name]) => name)],
    rows: transformations.map((name) => [
      name,
      ...measured.map(([, equivariance]) => cell(equivariance, name)),
    ]),
  };
  return [
    {
      name: 'equivariance',
      title: 'Equivariance',
      parts: [{ kind: 'text', text: measured[0][1].note }, tablePart(table)],
    },
  ];
}

function differenceTable(runs: readonly RunFacts[]): Table {
  const differing = settingNames(runs).filter((name) => valuesOf(runs, name).size > 1);
  return {
    caption: differing.length > 0 ? 'What differs; the rest is below.' : 'All settings are the same:',
    headings: ['setting', ...runs.map(({ name }) => name)],
    rows: differing.map((name) => [name, ...runs.map(({ configuration }) => settingOf(configuration, name))]),
  };
}

function sharedSettings(runs: readonly RunFacts[]): (readonly [string, string])[] {
  return settingNames(runs)
    .filter((name) => valuesOf(runs, name).size === 1)
    .map((name) => [name, settingOf(runs[0].configuration, name)]);
}

const settingNames = (runs: readonly RunFacts[]) => [
  ...new Set(runs.flatMap(({ configuration }) => Object.keys(configuration))),
];
const valuesOf = (runs: readonly RunFacts[], name: string) =>
  new Set(runs.map(({ configuration }) => settingOf(configuration, name)));
const settingOf = (configuration: RunFacts['configuration'], name: string) =>
  configuration[name] === undefined ? '-' : formatSetting(configuration[name]);
