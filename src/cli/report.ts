/** @file `egnn report RUN...`: the report of a run anew, or several runs side by side; and the plots as files. */
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { RunFacts } from '../report/run-report.ts';
import type { EngineOptions } from '../start-engine.ts';
import { UsageError } from './errors.ts';
import { expectFile, expectFolder } from './free-folder.ts';
import { Reporter, reportMode } from './reporter.ts';
import { currentRecord, readRun, writtenNow } from './run-report.ts';
import { useRun } from './saved-run.ts';
import { addSettingFlags, parseEngineOptions } from './settings.ts';
import { version } from './version.ts';

type ReportFlags = EngineOptions & {
  readonly out?: string;
  readonly svg?: string;
  readonly png?: string;
  readonly json?: boolean;
};

export function addReportCommand(program: Command): void {
  const command = program
    .command('report <run...>')
    .description('an HTML report of a run, or of several side by side; plots as files')
    .option('--out <file>', 'the report (RUN/report.html for one run, report.html for several)')
    .option('--svg <folder>', 'each plot as an SVG file, too')
    .option('--png <folder>', 'each plot as a PNG file, too; needs two packages that it names')
    .option('--json', 'one JSON object');
  addSettingFlags(command, ['threads', 'backend'])
    .addHelpText(
      'after',
      `
Examples:
  $ egnn report runs/nbody-egnn
  $ egnn report runs/nbody-egnn runs/nbody-gnn --out comparison.html
  $ egnn report runs/qm9-all --svg plots --png plots`,
    )
    .action(reportCommand);
}

async function reportCommand(paths: readonly string[], flags: ReportFlags): Promise<void> {
  const reporter = new Reporter(reportMode(flags));
  const engineOptions = parseEngineOptions(flags);
  for (const folder of [flags.svg, flags.png]) expectFolder(folder);
  expectFile(flags.out);
  const runs: RunFacts[] = [];
  for (const path of paths)
    runs.push(
      await useRun(path, async (experiment, run) =>
        readRun(experiment, run, await currentRecord(experiment, run, engineOptions, reporter)),
      ),
    );
  const tasks = [...new Set(runs.map(({ task }) => task))];
  if (tasks.length > 1)
    throw new UsageError(`runs of different experiments cannot be compared: ${tasks.join(', ')}`);

  const { comparisonReport, figuresOf, runReport, writePngFiles, writeReport, writeSvgFiles } = await import(
    '../report/index.ts'
  );
  const report =
    runs.length === 1
      ? runReport(runs[0])
      : comparisonReport(withDistinctNames(runs, paths), { egnn: version(), written: writtenNow() });
  const out = flags.out ?? (runs.length === 1 ? join(paths[0], 'report.html') : 'report.html');
  await writeReport(out, report);
  const figures = figuresOf(report);
  const svg = flags.svg === undefined ? [] : await writeSvgFiles(figures, flags.svg);
  const png = flags.png === undefined ? [] : await writePngFiles(figures, flags.png);
  reporter.json({ runs: paths, report: out, svg, png });
  const plots = svg.length + png.length;
  const folders = new Set([flags.svg, flags.png].filter((folder) => folder !== undefined));
  reporter.result(plots > 0 ? `${out}\n${plots} plots in ${[...folders].join(', ')}` : out);
}

/** Folders of the same name are told apart by those in which they are, and a run given twice by a number. */
function withDistinctNames(runs: readonly RunFacts[], paths: readonly string[]): RunFacts[] {
  const taken = new Map<string, number>();
  return runs.map((run, k) => {
    const isAlone = runs.filter(({ name }) => name === run.name).length === 1;
    const path = resolve(paths[k]);
    const name = isAlone ? run.name : join(basename(resolve(path, '..')), run.name);
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    return { ...run, name: count === 1 ? name : `${name} (${count})` };
  });
}
