/** @file The start page: what there is to see. */
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
      const heading = document.createElement('h1');
      heading.textContent = 'E(n)-equivariant graph neural networks, to look at';
      const introduction = document.createElement('p');
      introduction.className = 'lead';
      introduction.textContent = INTRODUCTION;
      const list = document.createElement('ul');
      list.className = 'cards';
      list.append(...views.map(card));
      root.append(heading, introduction, list);
    },
  };
}

function card({ name, title, summary }: ViewEntry): HTMLElement {
  const item = document.createElement('li');
  const link = document.createElement('a');
  link.href = `#/${name}`;
  link.className = 'card';
  const heading = document.createElement('h2');
  heading.textContent = title;
  const text = document.createElement('p');
  text.textContent = summary;
  link.append(heading, text);
  item.append(link);
  return item;
}
