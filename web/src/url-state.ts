/**
 * @file The settings of a view in its address: `#/NAME?key=value&...`. Reading is immediate; the address follows at most a few
 * times a second, because browsers refuse more (a slider fires faster).
 */
const WRITE_INTERVAL_MS = 250;

export interface UrlState {
  get(name: string): string | undefined;
  /** Changes these settings and keeps the others; undefined removes one. Makes no entry in the history. */
  set(values: Readonly<Record<string, string | undefined>>): void;
  /** Called when the address was changed from outside: by the history, a link, or by hand; not by `set`. */
  onChange(listener: () => void, signal: AbortSignal): void;
}

/** Where the page is. */
export interface Address {
  /** Empty on the start page. */
  readonly view: string;
  readonly settings: URLSearchParams;
}

/** @param hash as in `location.hash` */
export function parseAddress(hash: string): Address {
  const [path, query = ''] = split(hash.replace(/^#\/?/, ''));
  return { view: path.replace(/\/$/, ''), settings: new URLSearchParams(query) };
}

function split(text: string): [string, string?] {
  const at = text.indexOf('?');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

export function formatAddress({ view, settings }: Address): string {
  const query = settings.toString();
  return `#/${view}${query && `?${query}`}`;
}

/** A `UrlState`, and how the router tells it of a new address. */
export interface OwnedUrlState extends UrlState {
  replace(settings: URLSearchParams): void;
}

/**
 * @param write puts an address into the window
 * @param signal ends it: what is not written yet is written then
 */
export function createUrlState(
  { view, settings }: Address,
  write: (address: string) => void,
  signal: AbortSignal,
): OwnedUrlState {
  let current = new URLSearchParams(settings);
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let written = formatAddress({ view, settings: current });
  const flush = () => {
    timer = undefined;
    const address = formatAddress({ view, settings: current });
    if (address === written) return;
    written = address;
    write(address);
  };
  const finish = () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    flush();
  };
  signal.addEventListener('abort', finish, { once: true });
  globalThis.addEventListener?.('pagehide', finish, { signal });
  return {
    get: (name) => current.get(name) ?? undefined,
    set(values) {
      for (const [name, value] of Object.entries(values))
        if (value === undefined) current.delete(name);
        else current.set(name, value);
      timer ??= setTimeout(flush, WRITE_INTERVAL_MS);
    },
    onChange(listener, ending) {
      listeners.add(listener);
      ending.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
    replace(next) {
      clearTimeout(timer);
      timer = undefined;
      current = new URLSearchParams(next);
      written = formatAddress({ view, settings: current });
      for (const listener of [...listeners]) listener();
    },
  };
}
