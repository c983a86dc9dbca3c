// Reports as pages: complete in themselves, readable without seeing the plots, whatever the run's names hold.
import { createDocument } from 'domino';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparisonReport } from '../../src/report/comparison.ts';
import { renderPage } from '../../src/report/page.ts';
import { type RunFacts, runReport } from '../../src/report/run-report.ts';
import { dark, paper } from '../../src/report/theme.ts';
import { metricsOf, recordOf, runOf } from './runs.ts';

const about = { egnn: '0.1.0', written: '2021-02-19 12:00' };
const pages: [string, () => string][] = [
  ['of a run', () => renderPage(runReport(runOf()))],
  ['of several runs', () => renderPage(comparisonReport([runOf(), runOf({ name: 'two' })], about))],
];

describe.each(pages)('a report %s', (_, render) => {
  const text = render();
  const page = createDocument(text);

  it('loads nothing: no scripts, no addresses but those of its own sections', () => {
    expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page.querySelectorAll('script, link, img, iframe, object, image, use')).toHaveLength(0);
    expect(text).not.toMatch(/url\(|@import|\ssrc=/);
    const anchors = Array.from(page.querySelectorAll('[href]'), (link) => link.getAttribute('href')!);
    expect(anchors.length).toBeGreaterThan(3);
    for (const anchor of anchors) expect(page.querySelector(anchor)?.tagName).toBe('SECTION');
  });

  it('names and describes every plot, under ids that occur once', () => {
    const plots = page.querySelectorAll('figure > svg, figure .scroll > svg');
    expect(plots.length).toBeGreaterThan(2);
    for (const plot of Array.from(plots)) {
      expect(plot.getAttribute('role')).toBe('img');
      const labels = plot.getAttribute('aria-labelledby')!.split(' ');
      expect(labels.map((id) => page.getElementById(id)?.tagName.toLowerCase())).toEqual(['title', 'desc']);
      for (const id of labels) expect(page.getElementById(id)!.textContent!.length).toBeGreaterThan(2);
    }
    const ids = Array.from(page.querySelectorAll('[id]'), ({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has tables with captions and headings of rows and columns', () => {
    const tables = page.querySelectorAll('table');
    expect(tables.length).toBeGreaterThan(0);
    for (const table of Array.from(tables)) {
      expect(table.querySelector('caption')!.textContent).not.toBe('');
      const columns = table.querySelectorAll('thead th[scope=col]').length;
      for (const row of Array.from(table.querySelectorAll('tbody tr'))) {
        expect(row.firstElementChild!.getAttribute('scope')).toBe('row');
        expect(row.children).toHaveLength(columns);
      }
    }
  });

  it('draws finite numbers', () => {
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });
});

it('stays below 600 kB with twelve targets of 13,083 molecules', () => {
  expect(Buffer.byteLength(renderPage(runReport(runOf())))).toBeLessThan(600_000);
});

it.each<[string, Partial<RunFacts>, string]>([
  [
    'nothing but a configuration',
    { metrics: [], scores: [], record: recordOf({ status: 'running' }) },
    '0 of 4 epochs, not over',
  ],
  [
    'one epoch without a validation',
    { metrics: metricsOf(1), record: recordOf() },
    'Nothing has been validated yet',
  ],
  [
    'a failure',
    { record: recordOf({ status: 'failed', failure: 'the loss is NaN at step 3' }) },
    'failed: the loss is NaN at step 3',
  ],
  [
    'an interruption',
    { record: recordOf({ status: 'interrupted' }) },
    'interrupted: this is how far it came',
  ],
  ['ten thousand epochs', { metrics: metricsOf(10_000) }, '10000 of 4 epochs'],
])('a run with %s has a report', (_, changes, shown) => {
  const text = renderPage(runReport(runOf(changes)));
  expect(text).toContain(shown);
  expect(text).not.toMatch(/NaN<|Infinity|undefined/);
  expect(text.length).toBeLessThan(700_000);
});

it('text stays text, whatever it is', () => {
  const string = fc.oneof(fc.string(), fc.constantFrom('</style><script>', '"><img src=x>', "' onload='x"));
  fc.assert(
    fc.property(string, (name) => {
      const changes = { name, subject: name, metrics: [], record: recordOf({ failure: name }) };
      const page = createDocument(
        renderPage(runReport(runOf({ ...changes, configuration: { [name]: name } }))),
      );
      expect(page.querySelectorAll('script, img, [onload]')).toHaveLength(0);
      expect(page.querySelectorAll('section').length).toBe(3);
    }),
    { numRuns: 20 },
  );
});

it('says in what runs differ, and what is the same', () => {
  const runs = [
    runOf({ configuration: { epochs: 4, hidden: 8 } }),
    runOf({ name: 'two', configuration: { epochs: 4, hidden: 16 } }),
  ];
  const page = createDocument(renderPage(comparisonReport(runs, about)));
  const section = page.getElementById('configuration')!;
  expect(Array.from(section.querySelectorAll('tbody tr'), ({ textContent }) => textContent)).toEqual([
    'hidden816',
  ]);
  expect(Array.from(section.querySelectorAll('dl > div'), ({ textContent }) => textContent)).toEqual([
    'epochs4',
  ]);
});

describe('colours', () => {
  it.each([
    ['paper', paper],
    ['dark', dark],
  ])('of %s can be read on their background (WCAG AA)', (_, theme) => {
    for (const name of ['ink', 'muted', 'blue', 'orange', 'red', 'green', 'violet', 'teal'] as const)
      for (const background of [theme.background, theme.surface])
        expect([name, contrast(theme[name], background) >= 4.5]).toEqual([name, true]);
  });
});

function contrast(one: string, other: string): number {
  const luminance = (colour: string) =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, k) => {
      const part = Number.parseInt(colour.slice(1 + 2 * k, 3 + 2 * k), 16) / 255;
      return sum + weight * (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    }, 0);
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
