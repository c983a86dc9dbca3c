/** @file The start page: what there is to see. */
import { element } from './components/dom.ts';
import type { View } from './view.ts';
import type { ViewEntry } from './views.ts';

const INTRODUCTION =
  'E(n)-equivariant graph neural networks predict from points in space. Turn, shift or mirror the points, and the ' +
  'predicted points move along while predicted numbers stay the same. Everything here is computed in your browser; ' +
  'no data leave it.';

/** @param views those to link to */
export function createHome(views: readonly ViewEntry[]): View {
  return {
    title: 'EGNN playground',
    mount(root) {
      root.append(
        element('h1', {}, 'E(n)-equivariant graph neural networks, to look at'),
        element('p', { className: 'lead' }, INTRODUCTION),
        element('ul', { className: 'cards' }, ...views.map(card)),
      );
    },
  };
}

function card({ name, title, summary }: ViewEntry): HTMLElement {
  const link = element('a', { href: `#/${name}`, className: 'card' });
  link.append(element('h2', {}, title), element('p', {}, summary));
  return element('li', {}, link);
}
