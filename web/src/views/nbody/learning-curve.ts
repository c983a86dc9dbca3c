/** @file The learning curve of a training while it runs. */
import { element } from '../../components/dom.ts';
import type { LineChart } from '../../components/line-chart.ts';
import { paperErrors } from './paper.ts';
import type { TrainingProgress } from './training.ts';

type StepProgress = Extract<TrainingProgress, { phase: 'step' }>;
type ValidationProgress = Extract<TrainingProgress, { phase: 'validation' }>;

export interface LearningCurve {
  readonly element: HTMLElement;
  clear(): void;
  addStep(progress: StepProgress): void;
  addValidation(progress: ValidationProgress): void;
}

/** Of the smoothed training loss: how much of the old stays. */
const DECAY = 0.9;
/** More points than this are thinned: the chart has no more pixels. */
const MOST_POINTS = 2000;

export interface CurvePoint {
  readonly step: number;
  readonly loss: number | null;
  readonly validation: number | null;
  readonly test: number | null;
}

export function createLearningCurve(signal: AbortSignal): LearningCurve {
  const place = element(
    'div',
    { className: 'learning-curve' },
    element('p', { className: 'notice' }, 'The learning curve appears here.'),
  );
  let chart: LineChart | undefined;
  let loading = false;
  let points: CurvePoint[] = [];
  let smooth: number | undefined;
  let steps = 0;
  let frame = 0;

  const load = async () => {
    const { createLineChart } = await import('../../components/line-chart.ts');
    if (signal.aborted) return;
    chart = createLineChart({
      label: 'Learning curve: training loss, validation and test error over the steps, logarithmic',
      x: 'step',
      y: 'mean squared error',
      curves: [
        { label: 'training loss, smoothed', colour: '--muted', width: 1.25 },
        { label: 'validation', colour: '--accent', points: true },
        { label: 'test', colour: '--accent-2', points: true },
        { label: `the paper’s EGNN, ${paperErrors.egnn}`, colour: '--good', dash: [6, 4] },
      ],
      height: 260,
      logarithmic: true,
      signal,
    });
    place.replaceChildren(chart.element);
  };
  const draw = () => {
    frame = 0;
    if (points.length === 0) return;
    const last = Math.max(steps, points[points.length - 1].step);
    // The paper's line goes from one end to the other.
    const all = [blank(0), ...points, blank(last)];
    chart?.show(
      all.map(({ step }) => step),
      [
        all.map(({ loss }) => loss),
        all.map(({ validation }) => validation),
        all.map(({ test }) => test),
        all.map(() => paperErrors.egnn),
      ],
      [0, last],
    );
  };
  const add = (point: CurvePoint) => {
    points = thinned([...points, point], MOST_POINTS);
    if (chart) {
      if (frame === 0) frame = requestAnimationFrame(draw);
    } else if (!loading) {
      loading = true;
      load().then(draw, (error) => {
        loading = false;
        place.replaceChildren(element('p', { className: 'notice error' }, `No curve: ${error.message}`));
      });
    }
  };
  signal.addEventListener('abort', () => cancelAnimationFrame(frame));
  return {
    element: place,
    clear() {
      points = [];
      smooth = undefined;
    },
    addStep({ step, loss, steps: total }) {
      steps = total;
      smooth = smooth === undefined ? loss : DECAY * smooth + (1 - DECAY) * loss;
      add({ step, loss: smooth, validation: null, test: null });
    },
    addValidation({ step, validation, test }) {
      add({ step, loss: null, validation, test });
    },
  };
}

function blank(step: number): CurvePoint {
  return { step, loss: null, validation: null, test: null };
}

/** Every second loss goes where there are more than `most` points; validations stay. */
export function thinned(points: readonly CurvePoint[], most: number): CurvePoint[] {
  if (points.length <= most) return [...points];
  return points.filter(({ loss }, k) => loss === null || k % 2 === 0 || k === points.length - 1);
}
