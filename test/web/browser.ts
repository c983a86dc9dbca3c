/** @file Pages of the built site in Debian's chromium: widths, isolation, console errors, the accessibility scan. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';

const executable = [process.env.EGNN_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path && existsSync(path),
);
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export const sizes = {
  phone: { width: 390, height: 844 },
  desktop: { width: 1280, height: 800 },
} as const;

/** Where the page's isolation comes from: the server, the site's own service worker, or nowhere (one thread). */
export type Isolation = 'headers' | 'service-worker' | 'none';

export interface PageSettings {
  readonly size?: keyof typeof sizes;
  readonly isolation?: Isolation;
  readonly theme?: 'light' | 'dark';
}

export interface SitePage {
  readonly page: Page;
  /** What the console called an error, and exceptions that nobody caught. A test expects none. */
  readonly errors: string[];
  /** Opens an address of the site, such as `#/nbody?seed=2`, and waits until the view stands. */
  open(hash: string): Promise<void>;
  close(): Promise<void>;
}

let browser: Promise<Browser> | undefined;

/** Like `describe`, where there is a browser. The site is there when the tests begin, unless they need none. */
export function describeInBrowser(name: string, body: () => void, { site = true } = {}): void {
  if (!executable) {
    describe.skip(`${name} (no chromium here; EGNN_CHROMIUM names one)`, body);
    return;
  }
  describe(name, () => {
    beforeAll(async () => {
      if (!site) return;
      // The first request of a run builds it.
      const answer = await fetch(inject('site').isolated);
      if (!answer.ok) throw new Error(`the site could not be built: ${await answer.text()}`);
    }, 300_000);
    afterAll(async () => {
      await (await browser)?.close();
      browser = undefined;
    });
    body();
  });
}

/** The browser of a test file; closed by `describeInBrowser`. */
export function startBrowser(): Promise<Browser> {
  browser ??= chromium.launch({
    executablePath: executable,
    // Pictures in WebGL are drawn by the processor.
    args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
  });
  return browser;
}

/** A page in a profile of its own, at desktop width and isolated by headers if nothing else is said. */
export async function openSite(settings: PageSettings = {}): Promise<SitePage> {
  const { size = 'desktop', isolation = 'headers', theme = 'light' } = settings;
  const context = await (await startBrowser()).newContext({
    viewport: sizes[size],
    hasTouch: size === 'phone',
    colorScheme: theme,
    serviceWorkers: isolation === 'service-worker' ? 'allow' : 'block',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => errors.push(`${error.stack ?? error.message}`));
  const site = inject('site');
  const address = isolation === 'headers' ? site.isolated : site.plain;
  return {
    page,
    errors,
    async open(hash) {
      await page.goto(`${address}${hash}`);
      await viewStands(page);
    },
    close: () => context.close(),
  };
}

/** Waits until a view has been built: that of the name, after a change of the address. */
export async function viewStands(page: Page, name?: string): Promise<void> {
  const place = name === undefined ? '#view' : `#view[data-view="${name}"]`;
  await page.waitForSelector(`${place}:not([aria-busy]) > .view > *`);
}

/** Findings of the accessibility scan that are serious or worse, each with the place it was found at. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(axe, 'utf8'));
  const { violations } = await page.evaluate((options) => {
    const { axe } = window as unknown as { axe: { run(options: RunOptions): Promise<AxeResults> } };
    return axe.run(options);
  }, {} as RunOptions);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary ?? ''}`,
      ),
    );
}

/** How far the content reaches beyond the right edge of the window, in pixels. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** The page does not scroll sideways, nothing was reported as an error, and the scan finds nothing serious. */
export async function expectSound({ page, errors }: SitePage): Promise<void> {
  expect(errors).toEqual([]);
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  expect(await seriousFindings(page)).toEqual([]);
}
