/** @file A figure with a place for a picture that takes the mouse and the keys. */
import { element } from '../../components/dom.ts';

export function stage(name: string, legend: string) {
  const root = element('div', {
    className: 'stage',
    tabIndex: 0,
    attributes: {
      role: 'application',
      'aria-label': `${name}: ${legend}. Arrow keys turn, with shift they move; M mirrors, S shuffles, 0 resets.`,
    },
  });
  const caption = element('figcaption', {}, element('strong', {}, name), ` ${legend}`);
  return { root, figure: element('figure', {}, root, caption) };
}
