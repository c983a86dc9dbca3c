/** @file Train here: settings, how it goes, the learning curve, errors against the paper's table, the download. */
import { button, numberField } from '../../components/controls.ts';
import { element } from '../../components/dom.ts';
import type { Compute } from '../../compute/client.ts';
import type { TrainedSummary } from './compute.ts';
import { formatError } from './error-panel.ts';
import { createErrorTable } from './error-table.ts';
import { createLearningCurve } from './learning-curve.ts';
import { ranges, type Settings, sampleChoices } from './settings.ts';
import { limits } from './system.ts';
import type { TrainingOutcome, TrainingProgress, TrainingRequest } from './training.ts';

export interface TrainingPanelOptions {
  readonly compute: Compute;
  readonly signal: AbortSignal;
  onSettings(part: Partial<Settings>): void;
  /** There are weights that are better than those before. */
  onBetter(): void;
  onDownload(): void;
}

export interface TrainingPanel {
  readonly element: HTMLElement;
  show(settings: Settings): void;
}

type State = 'idle' | 'running' | 'pausing' | 'paused' | 'stopping';

const statusTexts = {
  finished: 'Finished',
  early: 'Finished: no better for a while',
  interrupted: 'Stopped',
} as const;

export function createTrainingPanel(options: TrainingPanelOptions): TrainingPanel {
  const { compute, signal, onSettings, onBetter, onDownload } = options;
  const curve = createLearningCurve(signal);
  const table = createErrorTable();
  let settings: Settings;
  let state: State = 'idle';

  const samples = element(
    'select',
    { id: 'training-samples' },
    ...sampleChoices.map((count) => element('option', { value: String(count) }, labels[count])),
  );
  samples.addEventListener('change', () => onSettings({ samples: Number(samples.value) }));
  const epochs = numberField({
    label: 'Epochs',
    ...ranges.epochs,
    value: 1,
    onChange: (epochs) => onSettings({ epochs }),
  });
  const seed = numberField({
    label: 'Seed of data and weights',
    ...limits.seed,
    value: 1,
    onChange: (trainingSeed) => onSettings({ trainingSeed }),
  });
  const fields = element(
    'div',
    { className: 'training-fields' },
    element(
      'div',
      { className: 'field' },
      element('label', { htmlFor: samples.id }, 'Training trajectories'),
      samples,
    ),
    epochs.element,
    seed.element,
  );

  const start = button('Train', () => void run());
  start.classList.add('primary');
  const pause = button('Pause', () => togglePause());
  const stop = button('Stop', () => {
    enter('stopping');
    void compute.call('nbody', 'stopTraining');
  });
  label(stop, 'Stop');
  const save = button('Download the weights', onDownload);
  const progress = element('progress', {
    value: 0,
    max: 1,
    hidden: true,
    attributes: { 'aria-label': 'Training' },
  });
  /** Changes seldom enough to be read out. */
  const status = element('p', { className: 'training-status', attributes: { role: 'status' } });
  const problem = element('p', { className: 'notice error', hidden: true, attributes: { role: 'alert' } });
  const speed = fact('steps a second');
  const steps = fact('step');
  const epoch = fact('epoch');
  const loss = fact('loss of a batch');
  const left = fact('left, about');

  const enter = (next: State) => {
    state = next;
    start.disabled = state !== 'idle';
    pause.disabled = state === 'idle' || state === 'stopping' || state === 'pausing';
    stop.disabled = state === 'idle' || state === 'stopping';
    label(pause, state === 'paused' ? 'Continue' : 'Pause');
    for (const control of fields.querySelectorAll<HTMLInputElement | HTMLSelectElement>('input, select'))
      control.disabled = state !== 'idle';
  };
  const fail = (error: unknown) => {
    if (signal.aborted) return;
    problem.textContent = (error as Error).message;
    problem.hidden = false;
  };
  const togglePause = () => {
    const pauses = state === 'running';
    enter(pauses ? 'pausing' : 'running');
    status.textContent = pauses ? 'Pausing …' : 'Training.';
    void compute.call('nbody', pauses ? 'pauseTraining' : 'resumeTraining');
  };

  const onProgress = (told: TrainingProgress) => {
    switch (told.phase) {
      case 'simulation':
        status.textContent = 'Simulating trajectories to learn from.';
        progress.hidden = false;
        progress.value = told.done / told.total;
        if (told.done === told.total && state === 'running') status.textContent = 'Training.';
        break;
      case 'step':
        progress.value = told.step / told.steps;
        speed.show(told.stepsPerSecond > 0 ? told.stepsPerSecond.toFixed(0) : '…');
        steps.show(`${told.step.toLocaleString('en')} of ${told.steps.toLocaleString('en')}`);
        epoch.show(String(told.epoch));
        loss.show(formatError(told.loss));
        left.show(duration((told.steps - told.step) / told.stepsPerSecond));
        curve.addStep(told);
        break;
      case 'validation':
        curve.addValidation(told);
        if (told.best) showTrained().then(onBetter, fail);
        break;
      case 'pause':
        if (state === 'pausing') enter('paused');
        status.textContent = 'Paused. The best weights so far can be used and downloaded.';
        speed.show('0');
        break;
    }
  };

  const run = async () => {
    const { samples, epochs, trainingSeed } = settings;
    const request: TrainingRequest = { samples, epochs, seed: trainingSeed };
    enter('running');
    problem.hidden = true;
    curve.clear();
    status.textContent = 'Starting …';
    try {
      const outcome = await compute.call<TrainingOutcome>('nbody', 'train', request, {
        signal,
        onProgress: (value) => onProgress(value as TrainingProgress),
      });
      const { status: how, step, seconds } = outcome;
      steps.show(step.toLocaleString('en'));
      status.textContent = `${statusTexts[how]} after ${step.toLocaleString('en')} steps, ${duration(seconds)} of training.`;
    } catch (error) {
      const stopped = (error as Error).name === 'AbortError';
      status.textContent = stopped ? 'Stopped before the training began.' : '';
      if (!stopped) fail(error);
    }
    progress.hidden = true;
    left.show('–');
    enter('idle');
  };

  const showTrained = async () => {
    const summary = await compute.call<TrainedSummary | undefined>('nbody', 'trainedSummary', undefined, {
      signal,
    });
    if (!summary) return;
    save.disabled = false;
    table.showTrained(summary);
  };

  save.disabled = true;
  enter('idle');
  // What an earlier visit to the view has trained.
  showTrained().catch(fail);
  return {
    element: element(
      'section',
      { className: 'panel training', attributes: { 'aria-labelledby': 'training-title' } },
      element('h2', { id: 'training-title' }, 'Train here'),
      element(
        'p',
        {},
        'Trains the paper’s model, 134,020 parameters, in this tab: trajectories are simulated first, then the loss falls. ' +
          'A training of the paper’s size takes one to three minutes; a small one shows the curve at once.',
      ),
      fields,
      element('div', { className: 'row training-buttons' }, start, pause, stop, save),
      progress,
      status,
      problem,
      element(
        'div',
        { className: 'columns training-results' },
        element(
          'div',
          { className: 'stack' },
          element(
            'dl',
            { className: 'facts' },
            ...[steps, epoch, loss, speed, left].map((one) => one.element),
          ),
          curve.element,
        ),
        table.element,
      ),
    ),
    show(next) {
      settings = next;
      samples.value = String(next.samples);
      epochs.set(next.epochs);
      seed.set(next.trainingSeed);
    },
  };
}

const labels: Record<(typeof sampleChoices)[number], string> = {
  300: '300, a first look',
  1000: '1,000',
  3000: '3,000, as the paper',
};

/** There is another button to pause above. */
function label(target: HTMLButtonElement, text: string): void {
  target.textContent = text;
  target.setAttribute('aria-label', `${text} the training`);
}

function fact(name: string) {
  const value = element('dd', { className: 'number' }, '–');
  return {
    element: element('div', {}, element('dt', {}, name), value),
    show(text: string) {
      value.textContent = text;
    },
  };
}

function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '…';
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
