/** @file What the marks of the picture mean, and which keys and gestures it knows. */
import { element } from '../../components/dom.ts';

const marks = [
  ['now', 'now, with the last 1,000 steps'],
  ['truth', 'simulator, 1,000 steps later'],
  ['ghost', 'EGNN’s prediction of that'],
  ['cross', 'straight lines'],
] as const;

export function legend(): HTMLElement {
  return element(
    'ul',
    { className: 'picture-legend' },
    ...marks.map(([symbol, text]) =>
      element(
        'li',
        {},
        element('span', { className: `symbol ${symbol}`, attributes: { 'aria-hidden': 'true' } }),
        text,
      ),
    ),
  );
}

export function keys(): HTMLElement {
  return element(
    'figcaption',
    { id: 'picture-keys' },
    'Orange charges are positive, blue ones negative. Drag or arrow keys: turn. + and −: enlarge. Space: play. ' +
      'While changing particles: drag a particle or the tip of its arrow; press on a free place and draw out the velocity of ' +
      'a new one; Delete removes; Shift and drag turns.',
  );
}
