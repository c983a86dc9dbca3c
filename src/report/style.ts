/** @file The style sheet of a report. */
import { dark, declareColours, paper } from './theme.ts';

export const style = `
:root { color-scheme: light dark; ${declareColours(paper)} }
@media (prefers-color-scheme: dark) { :root { ${declareColours(dark)} } }
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 68rem; padding: 2rem 1.25rem 3rem;
  background: var(--background); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 1.7rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 0 0 .75rem; padding-top: 2rem; font-size: 1.25rem; }
h3 { margin: 0 0 .25rem; font-size: .95rem; font-weight: 600; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; max-width: 46rem; }
header > p { margin: .35rem 0 1.25rem; color: var(--muted); }
a { color: var(--blue); }
:focus-visible { outline: 2px solid var(--blue); outline-offset: 2px; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1.25rem 0 0; padding: 0; list-style: none; }
dl { margin: 0 0 1rem; }
dt { color: var(--muted); font-size: .85rem; }
dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.highlights { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem; }
.highlights > div { padding: .7rem .9rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--surface); }
.highlights dd { font-size: 1.25rem; font-weight: 600; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(13rem, 45%), 1fr)); gap: .6rem 1.5rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(15.5rem, 1fr)); gap: 1.5rem 1.25rem; margin-bottom: 1rem; }
figure { margin: 0; min-width: 0; break-inside: avoid; }
figure.large { grid-column: 1 / -1; }
figure .scroll { margin: 0; }
figure svg { display: block; max-width: 100%; height: auto; }
figure svg text { font-family: system-ui, sans-serif; }
figcaption { margin-top: .25rem; max-width: 46rem; color: var(--muted); font-size: .85rem; }
.scroll { overflow-x: auto; margin-bottom: 1.25rem; }
table { min-width: min(100%, 22rem); border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { padding-bottom: .4rem; color: var(--muted); text-align: left; font-size: .85rem; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
th { font-weight: 600; }
th:first-child { text-align: left; }
tbody th { font-weight: 400; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem; color: var(--muted); font-size: .85rem; }
@media (max-width: 34rem) {
  body { padding: 1.25rem 1rem 2rem; }
  h1 { font-size: 1.4rem; }
  .highlights { grid-template-columns: repeat(2, 1fr); }
  figure.large svg { min-width: 31rem; }
}
@media print {
  :root { color-scheme: light; ${declareColours(paper)} }
  @page { margin: 16mm 14mm; }
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  nav { display: none; }
  h2 { padding-top: 1.25rem; break-after: avoid; }
  .scroll { overflow: visible; break-inside: avoid; }
  .figures { grid-template-columns: repeat(3, 1fr); gap: 1rem; }
  .highlights { grid-template-columns: repeat(auto-fit, minmax(7rem, 1fr)); }
}
`;
