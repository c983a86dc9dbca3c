/** @file The steps: a list to choose from, and the way back and forth. */
import { button } from '../../components/controls.ts';
import { element } from '../../components/dom.ts';
import { type StepName, steps } from './steps.ts';

export interface StepList {
  readonly element: HTMLElement;
  /** Back, next, and where one is: belongs to the picture. */
  readonly pace: HTMLElement;
  show(step: StepName): void;
}

export function stepList(choose: (step: StepName) => void): StepList {
  let shown = 0;
  const go = (by: number) => choose(steps[Math.max(0, Math.min(steps.length - 1, shown + by))].name);
  const back = button('Back', () => go(-1));
  const next = button('Next step', () => go(1));
  next.className = 'primary';
  const place = element('span', { className: 'muted', attributes: { 'aria-live': 'polite' } });
  const entries = steps.map(({ name, title }, k) => {
    const entry = button(`${k + 1}. ${title}`, () => choose(name));
    return { entry, item: element('li', {}, entry) };
  });
  const list = element('ol', { className: 'steps' }, ...entries.map(({ item }) => item));
  list.addEventListener('keydown', (event) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    go(by);
    entries[shown].entry.focus();
  });
  return {
    element: element('section', { className: 'panel', attributes: { 'aria-label': 'Steps' } }, list),
    pace: element('div', { className: 'row pace' }, back, next, place),
    show(step) {
      shown = steps.findIndex(({ name }) => name === step);
      for (const [k, { entry }] of entries.entries())
        if (k === shown) entry.setAttribute('aria-current', 'step');
        else entry.removeAttribute('aria-current');
      back.disabled = shown === 0;
      next.disabled = shown === steps.length - 1;
      place.textContent = `Step ${shown + 1} of ${steps.length}: ${steps[shown].title}`;
    },
  };
}
