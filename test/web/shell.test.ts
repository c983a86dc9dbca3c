/** @file The frame of the playground, and every view as it is first shown: widths, isolation, keyboard, accessibility. */
import { describe, expect, test } from 'vitest';
import { views } from '../../web/src/views.ts';
import {
  describeInBrowser,
  expectSound,
  openSite,
  type PageSettings,
  type SitePage,
  viewStands,
} from './browser.ts';

const settings: readonly Required<PageSettings>[] = [
  { size: 'desktop', isolation: 'headers', theme: 'light' },
  { size: 'desktop', isolation: 'none', theme: 'dark' },
  { size: 'phone', isolation: 'headers', theme: 'dark' },
  { size: 'phone', isolation: 'none', theme: 'light' },
];

/** How many threads the footer says there are, once the engine runs. */
async function threads({ page }: SitePage): Promise<number> {
  const status = page.locator('#status[data-threads]');
  await status.waitFor();
  return Number(await status.getAttribute('data-threads'));
}

describeInBrowser('the playground', () => {
  describe.each(settings)('at $size width, isolated by $isolation, $theme', (pageSettings) => {
    test.each(['', ...views.map(({ name }) => name)])('%j is sound', async (name) => {
      const site = await openSite(pageSettings);
      await site.open(`#/${name}`);
      await threads(site);
      await expectSound(site);
      await site.close();
    });
  });

  test('the navigation has every view, in order, and marks the one that is shown', async () => {
    const site = await openSite();
    await site.open('');
    const links = site.page.locator('#navigation a');
    expect(await links.allTextContents()).toEqual(views.map(({ title }) => title));
    for (const { name, title } of views) {
      await site.page.getByRole('navigation').getByRole('link', { name: title }).click();
      await viewStands(site.page, name);
      expect(await site.page.locator('#navigation a[aria-current]').allTextContents()).toEqual([title]);
      expect(await site.page.title()).toBe(`${title} · EGNN playground`);
    }
    expect(site.errors).toEqual([]);
    await site.close();
  });

  test('by keyboard alone: into the navigation, through it, into a view, and back', async () => {
    const site = await openSite();
    const { page } = site;
    await site.open('');
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('view');
    await page.keyboard.press('Shift+Tab'); // the theme
    for (const { title } of [...views].reverse()) {
      await page.keyboard.press('Shift+Tab');
      expect(await focused()).toBe(title);
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle);
      expect(outline).not.toBe('none');
    }
    await page.keyboard.press('Enter');
    await viewStands(page, views[0].name);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('view');
    // The first thing that Tab reaches is in the view.
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('#view') !== null)).toBe(true);
    await page.goBack();
    await page.waitForSelector('#view[data-view=home] h1');
    expect(site.errors).toEqual([]);
    await site.close();
  });

  test('an address that names no view leads to the start page', async () => {
    const site = await openSite();
    await site.open('#/nothing?here=1');
    expect(await site.page.locator('#view').getAttribute('data-view')).toBe('home');
    expect(await site.page.evaluate(() => location.hash)).toBe('#/');
    expect(site.errors).toEqual([]);
    await site.close();
  });

  test('a chosen theme stays, and "System" follows the system again', async () => {
    const site = await openSite({ theme: 'light' });
    const { page } = site;
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    await site.open('');
    const light = await background();
    await page.getByLabel('Theme').selectOption('dark');
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    expect(await background()).toBe(dark);
    expect(await page.getByLabel('Theme').inputValue()).toBe('dark');
    await page.getByLabel('Theme').selectOption('');
    expect(await background()).toBe(light);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await background()).toBe(dark);
    await site.close();
  });

  test('the footer says what computes here', async () => {
    const site = await openSite({ isolation: 'none' });
    await site.open('');
    expect(await threads(site)).toBe(1);
    expect(await site.page.locator('#status').textContent()).toMatch(
      /^egnn \d+\.\d+\.\d+ · wasm · 1 thread$/,
    );
    await site.page.locator('#status').click();
    await expect
      .poll(() => site.page.locator('#engine').innerText())
      .toMatch(/WebAssembly SIMD, \w+ build .* 1 thread \(the page is not cross-origin isolated/);
    await site.close();
  });

  test('the service worker isolates a page whose server sends no headers: all threads, the same address', async () => {
    const site = await openSite({ isolation: 'service-worker' });
    const { page } = site;
    const hash = `#/${views[0].name}?kept=yes`;
    let loads = 0;
    page.on('load', () => {
      loads++;
    });
    await site.open(hash);
    await page.waitForFunction(() => crossOriginIsolated, undefined, { timeout: 30_000 });
    await viewStands(page);
    const cores = await page.evaluate(() => navigator.hardwareConcurrency);
    expect(await threads(site)).toBe(Math.min(cores, 64));
    expect(await page.evaluate(() => new URLSearchParams(location.hash.split('?')[1]).get('kept'))).toBe(
      'yes',
    );
    // Once to install it, and once with it.
    expect(loads).toBeLessThanOrEqual(2);
    await page.reload();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(site.errors).toEqual([]);
    await site.close();
  });
});
