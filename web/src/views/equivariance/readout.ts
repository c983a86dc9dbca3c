/** @file The comparison in numbers, and in a sentence. */
import { element } from '../../components/dom.ts';
import { scientific } from '../../components/scientific.ts';
import type { Comparison } from './compute.ts';
import type { NetworkName } from './settings.ts';
import type { Transform } from './transform.ts';

/** Rounding of float32 stays well below it, everything else well above. */
export const TOLERANCE = 1e-5;

export interface Readout {
  readonly element: HTMLElement;
  show(comparison: Comparison, model: NetworkName, transform: Transform): void;
}

export function createReadout(): Readout {
  const verdict = element('p', { className: 'verdict', attributes: { role: 'status' } }, 'Computing …');
  const relative = element('dd', { className: 'number', id: 'equivariance-error' }, '–');
  const features = element('dd', { className: 'number' }, '–');
  const difference = element('dd', { className: 'number' }, '–');
  const moved = element('dd', { className: 'number' }, '–');
  const time = element('dd', { className: 'number' }, '–');
  const numbers = element(
    'dl',
    { className: 'numbers' },
    ...entry('Error, relative', relative),
    ...entry('Largest difference', difference),
    ...entry('Change of features h', features),
    ...entry('f moves points by', moved),
    ...entry('Both took', time),
  );
  return {
    element: element(
      'section',
      { className: 'panel', attributes: { 'aria-label': 'Errors' } },
      verdict,
      numbers,
    ),
    show(comparison, model, transform) {
      const fits = comparison.relative < TOLERANCE;
      say(verdict, sentence(fits, model, transform), fits);
      relative.replaceChildren(scientific(comparison.relative));
      relative.dataset.value = String(comparison.relative);
      relative.classList.toggle('good', fits);
      relative.classList.toggle('bad', !fits);
      difference.replaceChildren(scientific(comparison.difference));
      features.replaceChildren(comparison.features === undefined ? 'none' : scientific(comparison.features));
      moved.textContent = comparison.moved.toFixed(2);
      time.textContent = `${comparison.milliseconds.toFixed(1)} ms`;
    },
  };
}

function sentence(fits: boolean, model: NetworkName, transform: Transform): string {
  if (isIdentity(transform)) return 'g changes nothing yet: turn the points.';
  if (!fits) return 'f(g x) is not g f(x): the rings leave the points.';
  if (model === 'gnn') return 'Order alone: the plain GNN follows it too. Turn or shift the points.';
  return 'f(g x) lies on g f(x), but for float32 rounding.';
}

function isIdentity({ angles, shift, mirror, shuffle }: Transform): boolean {
  return !mirror && shuffle === 0 && [...angles, ...shift].every((value) => value === 0);
}

/** Told to screen readers when it changes, not at every number. */
function say(verdict: HTMLElement, text: string, good: boolean): void {
  if (verdict.textContent !== text) verdict.textContent = text;
  verdict.classList.toggle('good', good);
  verdict.classList.toggle('bad', !good);
}

function entry(name: string, value: HTMLElement): HTMLElement[] {
  return [element('div', {}, element('dt', {}, name), value)];
}
