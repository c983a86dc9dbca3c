/** @file Pages that show files and folders of the repository, so that links of the documentation stay on the site. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join, posix } from 'node:path';
import { escapeHtml, highlight } from './highlight.ts';
import { sourceOutput } from './links.ts';

export interface SourcePage {
  readonly output: string;
  readonly title: string;
  readonly content: string;
}

/** @param sources files and folders; a folder brings the text files in it */
export function sourcePages(root: string, sources: Iterable<string>): SourcePage[] {
  const files = new Set<string>();
  const pages: SourcePage[] = [];
  for (const source of sources) {
    if (!statSync(join(root, source)).isDirectory()) {
      files.add(source);
      continue;
    }
    const own = readdirSync(join(root, source), { withFileTypes: true })
      .filter((entry) => entry.isFile() && isText(entry.name))
      .map(({ name }) => name);
    for (const name of own) files.add(`${source}/${name}`);
    const items = own.map((name) => `<li><a href="${escapeHtml(name)}.html">${escapeHtml(name)}</a></li>`);
    pages.push({
      output: sourceOutput(root, source),
      title: source,
      content: `<h1><code>${escapeHtml(source)}</code></h1>\n<ul>${items.join('\n')}</ul>`,
    });
  }
  for (const file of files)
    pages.push({ output: sourceOutput(root, file), title: file, content: listing(root, file) });
  return pages;
}

const isText = (name: string) => /\.(ts|mjs|js|md|json|py|sh|txt)$/.test(name);

/** A file with line numbers, #L12 being line 12. */
function listing(root: string, file: string): string {
  const text = readFileSync(join(root, file), 'utf8').replace(/\n$/, '');
  const numbers = text.split('\n').map((_, k) => `<a id="L${k + 1}" href="#L${k + 1}">${k + 1}</a>`);
  const language = extname(posix.basename(file)).slice(1);
  return `<h1><code>${escapeHtml(file)}</code></h1>
<div class="listing"><pre class="numbers" aria-hidden="true">${numbers.join('\n').replace(/<a /g, '<a tabindex="-1" ')}</pre><pre><code>${highlight(text, language)}</code></pre></div>`;
}
