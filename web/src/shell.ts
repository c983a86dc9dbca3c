/** @file The frame around the views: navigation, theme, what computes here. */
import type { Compute } from './compute/client.ts';
import { setUpTheme } from './theme.ts';
import type { ViewEntry } from './views.ts';

function byId<E extends HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

export interface Shell {
  readonly root: HTMLElement;
  /** Marks the view in the navigation. */
  mark(entry: ViewEntry | undefined): void;
  /** Starts the engine and says in the footer what it is. */
  showEngine(compute: Compute): Promise<void>;
}

export function setUpShell(views: readonly ViewEntry[]): Shell {
  const links = new Map(views.map((entry) => [entry.name, navigationLink(entry)]));
  byId('navigation').append(
    ...[...links.values()].map((link) => {
      const item = document.createElement('li');
      item.append(link);
      return item;
    }),
  );
  setUpTheme(byId<HTMLSelectElement>('theme'));
  byId('documentation').hidden = !import.meta.env.EGNN_DOCUMENTATION;
  const root = byId('view');
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
      const [status, details] = [byId('status'), byId('engine')];
      const version = `egnn ${import.meta.env.EGNN_VERSION}`;
      status.textContent = `${version} · starting …`;
      try {
        const { name, backend, threads } = await compute.info();
        status.textContent = `${version} · ${name} · ${threads} thread${threads === 1 ? '' : 's'}`;
        status.dataset.threads = String(threads);
        details.textContent = backend;
      } catch (error) {
        status.textContent = `${version} · the engine does not start`;
        status.classList.add('bad');
        details.textContent = (error as Error).message;
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
