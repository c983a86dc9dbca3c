/** @file Shows the view that the address names, and ends the one that was there. */
import type { Compute } from './compute/client.ts';
import { createUrlState, formatAddress, type OwnedUrlState, parseAddress } from './url-state.ts';
import type { View } from './view.ts';
import type { ViewEntry } from './views.ts';

export interface RouterSettings {
  readonly root: HTMLElement;
  readonly views: readonly ViewEntry[];
  /** Shown where the address names no view. */
  readonly home: View;
  readonly compute: Compute;
  /** Told which view is there now; undefined on the start page. */
  onShow(entry: ViewEntry | undefined): void;
}

const SITE = 'EGNN playground';
/** A view that is there sooner shows no sign of loading, which would only flash. */
const LOADING_AFTER_MS = 150;

/** Starts to follow the address. */
export function startRouter({ root, views, home, compute, onShow }: RouterSettings): void {
  let shown: { name: string; state: OwnedUrlState; leave: AbortController } | undefined;

  const show = async (moveFocus: boolean): Promise<void> => {
    const address = parseAddress(location.hash);
    if (shown && shown.name === address.view) {
      shown.state.replace(address.settings);
      return;
    }
    shown?.leave.abort(new DOMException('the view was left', 'AbortError'));
    const leave = new AbortController();
    const { signal } = leave;
    const state = createUrlState(address, (text) => history.replaceState(history.state, '', text), signal);
    shown = { name: address.view, state, leave };
    const entry = views.find(({ name }) => name === address.view);
    if (!entry && address.view)
      history.replaceState(history.state, '', formatAddress({ view: '', settings: new URLSearchParams() }));
    if (!entry) shown.name = '';
    onShow(entry);
    document.title = entry ? `${entry.title} · ${SITE}` : SITE;
    root.dataset.view = entry?.name ?? 'home';
    root.replaceChildren();
    root.setAttribute('aria-busy', 'true');
    const loading = setTimeout(() => root.replaceChildren(notice('loading', 'Loading …')), LOADING_AFTER_MS);
    try {
      const view = entry ? await entry.load() : home;
      if (signal.aborted) return;
      clearTimeout(loading);
      const place = document.createElement('div');
      place.className = 'view';
      root.replaceChildren(place);
      if (moveFocus) root.focus({ preventScroll: true });
      scrollTo(0, 0);
      await view.mount(place, { state, compute, signal });
    } catch (error) {
      if (signal.aborted) return;
      console.error(error);
      root.replaceChildren(failure(error as Error));
    } finally {
      clearTimeout(loading);
      if (!signal.aborted) root.removeAttribute('aria-busy');
    }
  };

  addEventListener('hashchange', () => void show(true));
  void show(false);
}

function notice(kind: 'loading' | 'error', text: string): HTMLElement {
  const box = document.createElement('p');
  box.className = `notice ${kind}`;
  box.setAttribute('role', kind === 'error' ? 'alert' : 'status');
  box.textContent = text;
  return box;
}

function failure({ message }: Error): HTMLElement {
  const box = notice('error', `This view could not be shown: ${message} `);
  const again = document.createElement('button');
  again.type = 'button';
  again.textContent = 'Try again';
  again.addEventListener('click', () => location.reload());
  box.append(again);
  return box;
}
