/** @file The frame of a page: header with search and theme, navigation, content. */
import { escapeHtml } from './highlight.ts';
import type { Heading } from './markdown.ts';
import { type NavigationGroup, type Page, THE_PACKAGE } from './pages.ts';

export interface Frame {
  readonly title: string;
  readonly language: string;
  /** HTML of the page itself. */
  readonly content: string;
  /** Of the file that is shown, relative to the folder of the pages. */
  readonly output: string;
  readonly navigation: readonly NavigationGroup[];
  /** The page shown, if it is one of the navigation. */
  readonly page?: Page;
  /** Second-level headings of the page, which the navigation lists below it. */
  readonly headings?: readonly Heading[];
  /** Whether there is an API reference beside the pages. */
  readonly api: boolean;
}

const LOGO =
  '<svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path d="M6 17 12 5l7 10Z" fill="none" stroke="currentColor" stroke-width="1.6"/><circle cx="6" cy="17" r="3"/><circle cx="12" cy="5" r="3"/><circle cx="19" cy="15" r="3"/></svg>';

export function frame({ title, language, content, output, ...rest }: Frame): string {
  // Every link is relative, so that the pages work below any address.
  const base = '../'.repeat(output.split('/').length - 1);
  const name = title === 'egnn' ? 'egnn' : `${title} · egnn`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(name)}</title>
<link rel="icon" href="${base}assets/icon.svg" type="image/svg+xml">
<script>try { const theme = localStorage.getItem('theme'); if (theme) document.documentElement.dataset.theme = theme; } catch {}</script>
<link rel="stylesheet" href="${base}assets/page.css">
<script type="module" src="${base}assets/page.js"></script>
</head>
<body class="documentation">
<a class="skip" href="#content">Skip to the content</a>
<header class="bar">
<a class="brand" href="${base}index.html">${LOGO}egnn</a>
<a class="playground" href="${base}../index.html">Playground</a>
<search>
<input type="search" id="search" placeholder="Search" aria-label="Search the documentation" autocomplete="off" data-index="${base}search.json" data-base="${base}" aria-controls="results">
<div id="results" class="results" hidden></div>
<span id="found" class="hidden" role="status"></span>
</search>
<label class="theme"><span class="hidden">Theme</span><select id="theme"><option value="">System</option><option value="light">Light</option><option value="dark">Dark</option></select></label>
</header>
<div class="frame">
<details class="contents" open>
<summary>Pages</summary>
<script>if (matchMedia('(max-width: 56rem)').matches) document.currentScript.parentElement.open = false;</script>
<nav aria-label="Pages">
${navigationOf({ base, ...rest })}
</nav>
</details>
<main id="content" tabindex="-1"${language === 'en' ? '' : ` lang="${language}"`}>
${content}
</main>
</div>
</body>
</html>
`;
}

function navigationOf({
  base,
  navigation,
  page,
  headings = [],
  api,
}: Pick<Frame, 'navigation' | 'page' | 'headings' | 'api'> & { base: string }): string {
  const parts = headings.map(({ text, anchor }) => `<li><a href="#${anchor}">${escapeHtml(text)}</a></li>`);
  const below = parts.length > 0 ? `<ul class="headings">${parts.join('')}</ul>` : '';
  const groups = navigation.map(({ title, items }) => {
    const links = items.map(({ label, page: { output, language }, page: each }) => {
      const current = each === page ? ' aria-current="page"' : '';
      const lang = language === 'en' ? '' : ` lang="${language}"`;
      return `<li><a href="${base}${output}"${current}${lang}>${escapeHtml(label)}</a>${current && below}</li>`;
    });
    if (api && title === THE_PACKAGE)
      links.push(`<li><a href="${base}api/index.html">API reference</a></li>`);
    return `<h2>${escapeHtml(title)}</h2>\n<ul>\n${links.join('\n')}\n</ul>`;
  });
  return groups.join('\n');
}
