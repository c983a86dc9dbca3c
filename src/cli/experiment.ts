/** @file What the commands need to know of an experiment to train it, to evaluate its runs, and to say what came out. */
import type { EngineOptions } from '../start-engine.ts';
import type { RunResult, TestedTask } from '../tasks/run.ts';
import type { Engine } from '../tensor/engine.ts';
import type { TrainingContext } from '../train/loop.ts';
import type { ReportSource } from './report-source.ts';
import type { Reporter } from './reporter.ts';
import type { SettingsForm } from './settings.ts';

/** The types of an experiment's parts. */
export interface ExperimentParts {
  settings: EngineOptions;
  data: unknown;
  task: TestedTask;
  result: RunResult<unknown>;
}

export interface Experiment<Parts extends ExperimentParts> {
  readonly name: string;
  /** What `egnn train NAME` does. */
  readonly description: string;
  /** Options of `egnn train NAME`, one line an example. */
  readonly examples: readonly string[];
  readonly form: SettingsForm<Parts['settings']>;
  /** What its samples are called. */
  readonly samples: string;
  /** What is trained: the name of the run's folder, behind that of the experiment. */
  subject(settings: Parts['settings']): string;
  /** @throws InterruptedError if the signal is aborted, Error saying how to get data that is not there */
  loadData(settings: Parts['settings'], reporter: Reporter, signal?: AbortSignal): Promise<Parts['data']>;
  createTask(engine: Engine, settings: Parts['settings'], data: Parts['data']): Parts['task'];
  run(
    engine: Engine,
    settings: Parts['settings'],
    data: Parts['data'],
    context: TrainingContext,
  ): Promise<{ readonly task: Parts['task']; readonly result: Parts['result'] }>;
  readonly report: ReportSource<Parts>;
  /** The result of a run for people; `place` says where the run is. */
  formatResult(result: Parts['result'], place: string): string;
  /** Errors of a task's weights, for programs and for people. */
  evaluate(
    task: Parts['task'],
    settings: Parts['settings'],
  ): Promise<{
    readonly facts: object & { readonly test: NonNullable<Parts['result']['test']> };
    readonly text: string;
  }>;
}
