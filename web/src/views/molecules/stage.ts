/** @file The place of the picture: takes the mouse and the keys, says what it waits for. */
import { element } from '../../components/dom.ts';

export interface Stage {
  readonly figure: HTMLElement;
  readonly root: HTMLElement;
  caption(text: string): void;
  busy(text: string): void;
  ready(): void;
  /** There is nothing to show; `caption` shows again what is drawn. */
  empty(): void;
}

/**
 * @param label for those who do not see it: what it shows, what keys do
 * @param help behind the caption
 */
export function createStage(label: string, help: string): Stage {
  const waiting = element('p', { className: 'waiting muted', hidden: true, attributes: { role: 'status' } });
  const root = element('div', {
    className: 'stage',
    tabIndex: 0,
    attributes: {
      role: 'application',
      'aria-label': label,
    },
  });
  const text = element('span');
  const figure = element(
    'figure',
    {},
    element('div', { className: 'frame' }, root, waiting),
    element('figcaption', {}, text, help),
  );
  return {
    figure,
    root,
    caption(next) {
      text.textContent = next;
      figure.classList.remove('empty');
    },
    busy(next) {
      waiting.textContent = next;
      waiting.hidden = false;
    },
    ready() {
      waiting.hidden = true;
    },
    empty() {
      figure.classList.add('empty');
    },
  };
}

const DEGREES_PER_KEY = 5;

const turns: Readonly<Record<string, readonly [x: number, y: number, z: number]>> = {
  ArrowLeft: [0, -DEGREES_PER_KEY, 0],
  ArrowRight: [0, DEGREES_PER_KEY, 0],
  ArrowUp: [-DEGREES_PER_KEY, 0, 0],
  ArrowDown: [DEGREES_PER_KEY, 0, 0],
};

export interface TurnActions {
  turnBy(further: readonly [x: number, y: number, z: number]): void;
  mirror?(): void;
  reset(): void;
}

export function onTurnKeys(target: HTMLElement, on: TurnActions, signal: AbortSignal): void {
  target.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (Object.hasOwn(turns, event.key)) on.turnBy(turns[event.key]);
      else if (on.mirror && (event.key === 'm' || event.key === 'M')) on.mirror();
      else if (event.key === '0') on.reset();
      else return;
      event.preventDefault();
    },
    { signal },
  );
}
