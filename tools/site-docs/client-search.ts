/** @file Search within the pages. Index and library are loaded when somebody goes to the field. */
import type MiniSearch from 'minisearch';
import type { SearchEntry } from './search-index.ts';

const MOST_RESULTS = 12;

/** Connects the header's search field. */
export function setUpSearch(): void {
  const field = document.querySelector<HTMLInputElement>('#search')!;
  const results = document.querySelector<HTMLElement>('#results')!;
  const found = document.querySelector<HTMLElement>('#found')!;
  let index: Promise<MiniSearch<SearchEntry>> | undefined;
  const load = () => {
    index ??= loadIndex(field.dataset.index!).catch((error) => {
      index = undefined; // The next attempt may reach the server.
      throw error;
    });
    return index;
  };

  const show = async () => {
    const query = field.value.trim();
    if (query === '') {
      results.hidden = true;
      found.textContent = '';
      return;
    }
    let content: Node;
    try {
      const entries = (await load()).search(query).slice(0, MOST_RESULTS) as unknown as SearchEntry[];
      if (field.value.trim() !== query) return; // Typed on meanwhile.
      content = entries.length > 0 ? listOf(entries, field.dataset.base!) : noteOf('Nothing found.');
      found.textContent = entries.length === 1 ? '1 result' : `${entries.length} results`;
    } catch {
      content = noteOf('The search index could not be loaded.');
    }
    results.replaceChildren(content);
    results.hidden = false;
  };

  field.addEventListener('focus', () => void load().catch(() => {}));
  field.addEventListener('input', () => void show());
  const close = () => {
    results.hidden = true;
  };
  field.closest('search')!.addEventListener('keydown', (event) => {
    const { key } = event as KeyboardEvent;
    const links = [...results.querySelectorAll('a')];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    if (key === 'Escape') {
      close();
      field.focus();
    } else if (key === 'Enter' && at < 0 && !results.hidden) links[0]?.click();
    else if (key === 'ArrowDown' && !results.hidden) links[Math.min(at + 1, links.length - 1)]?.focus();
    else if (key === 'ArrowUp' && at >= 0) (links[at - 1] ?? field).focus();
    else return;
    event.preventDefault();
  });
  document.addEventListener('click', ({ target }) => {
    if (!(target as Element).closest('search') || (target as Element).closest('#results a')) close();
  });
  document.addEventListener('keydown', (event) => {
    const typing = (event.target as Element).closest('input, select, textarea');
    if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
  });
}

async function loadIndex(address: string): Promise<MiniSearch<SearchEntry>> {
  const [{ default: Index }, response] = await Promise.all([import('minisearch'), fetch(address)]);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  const index = new Index<SearchEntry>({
    idField: 'url',
    fields: ['heading', 'page', 'text'],
    storeFields: ['url', 'heading', 'page', 'text'],
    searchOptions: { boost: { heading: 3, page: 2 }, prefix: true, fuzzy: 0.15, combineWith: 'AND' },
  });
  index.addAll((await response.json()) as SearchEntry[]);
  return index;
}

function listOf(entries: readonly SearchEntry[], base: string): HTMLElement {
  const list = document.createElement('ul');
  for (const { url, heading, page, text } of entries) {
    const link = document.createElement('a');
    link.href = base + url;
    const title = document.createElement('strong');
    title.textContent = heading;
    const place = document.createElement('small');
    place.textContent = heading === page ? text.slice(0, 90) : `${page}: ${text.slice(0, 80)}`;
    link.append(title, place);
    const item = document.createElement('li');
    item.append(link);
    list.append(item);
  }
  return list;
}

function noteOf(text: string): HTMLElement {
  const note = document.createElement('p');
  note.textContent = text;
  return note;
}
