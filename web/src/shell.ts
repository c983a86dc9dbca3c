/** @file The frame around the views: navigation, theme, what computes here. */
import type { Compute } from './compute/client.ts';
import { setUpTheme } from './theme.ts';
import type { ViewEntry } from './views.ts';

function element<E extends HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

export interface Shell {
  readonly root: HTMLElement;
  /** Marks the view in the navigation. */
  mark(entry: ViewEntry | undefined): void;
  /** Starts the engine and says what it is. */
  showEngine(compute: Compute): Promise<void>;
}

export function setUpShell(views: readonly ViewEntry[]): Shell {
  const links = new Map(views.map((entry) => [entry.name, navigationLink(entry)]));
  element('navigation').append(
    ...[...links.values()].map((link) => {
      const item = document.createElement('li');
      item.append(link);
      return item;
    }),
  );
  setUpTheme(element<HTMLSelectElement>('theme'));
  element('documentation').hidden = !import.meta.env.EGNN_DOCUMENTATION;
  const root = element('view');
  // The address is the route, so an ordinary link to a place of the page would leave the view.
  document.querySelector('.skip')!.addEventListener('click', (event) => {
    event.preventDefault();
    root.focus();
  });
  return {
    root,
    mark(entry) {
      for (const [name, link] of links)
        if (name === entry?.name) {
          link.setAttribute('aria-current', 'page');
          // On a phone the navigation scrolls sideways.
          link.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        } else link.removeAttribute('aria-current');
    },
    async showEngine(compute) {
      const status = element('status');
      const version = `egnn ${import.meta.env.EGNN_VERSION}`;
      try {
        status.textContent = `${version} · starting the engine …`;
        const { backend, threads } = await compute.info();
        status.textContent = `${version} · ${backend}`;
        status.dataset.threads = String(threads);
      } catch (error) {
        status.textContent = `${version} · the engine does not start: ${(error as Error).message}`;
        status.classList.add('bad');
      }
    },
  };
}

function navigationLink({ name, title }: ViewEntry): HTMLAnchorElement {
  const link = document.createElement('a');
  link.href = `#/${name}`;
  link.textContent = title;
  return link;
}
