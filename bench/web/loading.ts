/** @file The first visit from localhost, nothing in the cache: bytes, first paint, and when the view can be used. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { serveFolder } from '../../tools/web/static-server.ts';
import { type Row, row } from './row.ts';

/** The start page, and views one by one. */
const pages = ['', 'equivariance', 'layer', 'nbody', 'molecules', 'data'];

interface Visit {
  readonly paint: number;
  readonly interactive: number;
  readonly engine: number;
}

export async function measureLoading(browser: Browser, folder: string, rounds: number): Promise<Row[]> {
  let files = new Set<string>();
  const server = await serveFolder(async () => folder, { isolated: true, onFile: (file) => files.add(file) });
  const rows: Row[] = [];
  try {
    for (const page of pages) {
      const visits: Visit[] = [];
      files = new Set();
      for (let round = 0; round < rounds; round++)
        visits.push(await visit(browser, `${server.address}#/${page}`));
      const bytes = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
      const name = page === '' ? 'start page' : page;
      const of = (key: keyof Visit) => visits.map((each) => each[key]);
      rows.push(
        {
          what: `${name}: download, compressed, the engine included`,
          figure: `${Math.round(bytes / 1000)} kB`,
        },
        row(`${name}: first contentful paint`, of('paint'), 'ms'),
        row(`${name}: the view stands, and the main thread is free`, of('interactive'), 'ms'),
        row(`${name}: the engine runs`, of('engine'), 'ms'),
      );
    }
  } finally {
    await server.close();
  }
  return rows;
}

/** Times in milliseconds since the navigation began. */
async function visit(browser: Browser, address: string): Promise<Visit> {
  const context = await browser.newContext();
  const page = await context.newPage();
  try {
    // In the page, so that the way to this process is not measured.
    await page.addInitScript(() => {
      const times: Record<string, number> = {};
      Object.assign(window, { times });
      const look = () => {
        if (document.querySelector('#view:not([aria-busy]) > .view > *') && !times.view) {
          times.view = performance.now();
          // Behind everything that waits already.
          requestAnimationFrame(() =>
            setTimeout(() => {
              times.interactive = performance.now();
            }),
          );
        }
        if (document.querySelector('#status[data-threads]')) times.engine ??= performance.now();
      };
      new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
    });
    await page.goto(address);
    await page.waitForFunction(() => {
      const { times } = window as unknown as { times: Partial<Record<string, number>> };
      const painted = performance.getEntriesByName('first-contentful-paint').length > 0;
      return painted && times.interactive && times.engine;
    });
    return await page.evaluate(() => {
      const { times } = window as unknown as { times: Record<string, number> };
      const [paint] = performance.getEntriesByName('first-contentful-paint');
      return { paint: paint.startTime, interactive: times.interactive, engine: times.engine };
    });
  } finally {
    await context.close();
  }
}
