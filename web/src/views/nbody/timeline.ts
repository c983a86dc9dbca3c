/** @file Playing the run, and going to a moment of it. */
import { button, slider } from '../../components/controls.ts';
import { element } from '../../components/dom.ts';
import { DATA_SET_MOMENT, MOMENTS_SHOWN, STEPS_A_MOMENT } from './run.ts';

export interface Timeline {
  readonly element: HTMLElement;
  readonly playing: boolean;
  /** Starts or stops. */
  play(on: boolean): void;
  /** Shows a moment that was chosen elsewhere. */
  show(moment: number): void;
  setEnabled(enabled: boolean): void;
}

export interface TimelineEvents {
  /** @param settled whether it stays there: it was chosen, or playing has stopped */
  onMoment(moment: number, settled: boolean): void;
  onPlay(playing: boolean): void;
}

/** The whole run in a quarter of a minute. */
const MOMENTS_A_SECOND = (MOMENTS_SHOWN - 1) / 15;
/** A tab that was in the background goes on where it was. */
const LONGEST_FRAME_SECONDS = 0.1;
const LAST = MOMENTS_SHOWN - 1;

export function createTimeline(events: TimelineEvents, signal: AbortSignal): Timeline {
  let moment = 0;
  let frame = 0;
  let before = 0;
  const toggle = button('Play', () => play(frame === 0));
  toggle.classList.add('primary', 'play');
  const dataSet = button('The data set’s moment', () => jump(DATA_SET_MOMENT));
  const time = slider({
    label: 'Steps since the start',
    min: 0,
    max: LAST * STEPS_A_MOMENT,
    step: STEPS_A_MOMENT,
    value: 0,
    format: (steps) => Math.round(steps).toLocaleString('en'),
    onInput: (steps) => jump(steps / STEPS_A_MOMENT),
  });

  const jump = (to: number) => {
    play(false);
    show(to);
    events.onMoment(to, true);
  };
  const show = (to: number) => {
    moment = to;
    time.set(Math.round(to) * STEPS_A_MOMENT);
  };
  const step = (now: number) => {
    frame = requestAnimationFrame(step);
    const seconds = Math.min(LONGEST_FRAME_SECONDS, Math.max(0, now - before) / 1000);
    before = now;
    show((moment + seconds * MOMENTS_A_SECOND) % LAST);
    events.onMoment(moment, false);
  };
  const play = (on: boolean) => {
    if (on === (frame !== 0) || signal.aborted) return;
    if (on) {
      before = performance.now();
      frame = requestAnimationFrame(step);
    } else {
      cancelAnimationFrame(frame);
      frame = 0;
      show(Math.round(moment));
      events.onMoment(moment, true);
    }
    toggle.textContent = on ? 'Pause' : 'Play';
    events.onPlay(on);
  };
  signal.addEventListener('abort', () => cancelAnimationFrame(frame));

  return {
    element: element('div', { className: 'timeline' }, toggle, time.element, dataSet),
    get playing() {
      return frame !== 0;
    },
    play,
    show,
    setEnabled(enabled) {
      for (const control of [toggle, dataSet, ...time.element.querySelectorAll('input')])
        control.disabled = !enabled;
    },
  };
}
