/**
 * @file A report as one HTML page that loads nothing: style, plots and text are in it, and its policy forbids everything
 * else. It reads in light and dark, on a phone and on paper, and without seeing the plots.
 */
import type { Figure } from './figure.ts';
import { Html, html } from './html.ts';
import type { Fact } from './measurement.ts';
import type { Part, Report, Section, Table } from './report.ts';
import { style } from './style.ts';
import { pageTheme } from './theme.ts';

export function renderPage({ title, subtitle, highlights, sections, footer }: Report): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p>${subtitle}</p>
<dl class="highlights">${highlights.map(renderHighlight)}</dl>
<nav aria-label="Sections"><ul>${sections.map(({ name, title }) => html`<li><a href="#${name}">${title}</a></li>`)}</ul></nav>
</header>
<main>
${sections.map(renderSection)}</main>
<footer><p>${footer}</p></footer>
</body>
</html>
`.text;
}

function renderHighlight([name, value]: Fact): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function renderSection({ name, title, parts }: Section): Html {
  return html`<section id="${name}" aria-labelledby="${name}-title">
<h2 id="${name}-title">${title}</h2>
${parts.map(renderPart)}</section>
`;
}

function renderPart(part: Part): Html {
  switch (part.kind) {
    case 'text':
      return html`<p>${part.text}</p>
`;
    case 'facts':
      return html`<dl class="facts">${part.facts.map(renderHighlight)}</dl>
`;
    case 'table':
      return renderTable(part.table);
    case 'figures':
      return html`<div class="figures">
${part.figures.map(renderFigure)}</div>
`;
  }
}

/** Wide tables and plots scroll by themselves, also by keyboard. */
function renderTable({ caption, headings, rows }: Table): Html {
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr></thead>
<tbody>
${rows.map(
  ([heading, ...cells]) =>
    html`<tr><th scope="row">${heading}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`,
)}</tbody>
</table></div>
`;
}

function renderFigure(figure: Figure): Html {
  const { name, title, caption, small } = figure;
  const plot = new Html(describe(figure, figure.draw(pageTheme)).outerHTML);
  return html`<figure id="${name}" class="${small ? 'small' : 'large'}">
<h3>${title}</h3>
${small ? plot : html`<div class="scroll" tabindex="0" role="group" aria-label="${title}">${plot}</div>`}
${caption === undefined ? undefined : html`<figcaption>${caption}</figcaption>`}</figure>
`;
}

/** Gives a plot the title and the description that are read out in its place. */
export function describe({ name, title, description }: Figure, svg: SVGSVGElement): SVGSVGElement {
  const element = (kind: 'title' | 'desc', text: string) => {
    const child = svg.ownerDocument.createElementNS('http://www.w3.org/2000/svg', kind);
    child.setAttribute('id', `${name}-${kind}`);
    child.textContent = text;
    return child;
  };
  svg.insertBefore(element('desc', description), svg.firstChild);
  svg.insertBefore(element('title', title), svg.firstChild);
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-labelledby', `${name}-title ${name}-desc`);
  return svg;
}
