/** @file The documentation in a browser: both widths and themes, the accessibility scan, search by keyboard. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDocumentation } from '../../tools/site-docs/build.ts';
import { type StaticServer, serveFolder } from '../../tools/web/static-server.ts';
import { describeInBrowser, overflow, seriousFindings, sizes, startBrowser } from '../web/browser.ts';
import { root } from './markdown.ts';

const settings = [
  { size: 'desktop', theme: 'light' },
  { size: 'phone', theme: 'dark' },
] as const;

let server: StaticServer;
let folder = '';

async function open(path: string, { size, theme }: (typeof settings)[number]) {
  const context = await (await startBrowser()).newContext({ viewport: sizes[size], colorScheme: theme });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${server.address}${path}`, { waitUntil: 'networkidle' });
  return { page, errors, close: () => context.close() };
}

describeInBrowser(
  'the documentation',
  () => {
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'egnn-site-docs-'));
      await buildDocumentation({ root, folder, api: false });
      server = await serveFolder(async () => folder, { isolated: false, prefix: '/some/path/' });
    }, 120_000);
    afterAll(async () => {
      await server?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    describe.each(settings)('at $size width, $theme', (setting) => {
      test.each([
        'index.html',
        'mathematics.html',
        'options.html',
        'own-data.html',
        'readme.zh-cn.html',
        'source/src/nn/egcl.ts.html',
      ])('%s has no errors, does not scroll sideways, and can be used by everybody', async (path) => {
        const { page, errors, close } = await open(path, setting);
        expect(errors).toEqual([]);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        expect(await seriousFindings(page)).toEqual([]);
        await close();
      });
    });

    test('search by keyboard alone leads to the section', async () => {
      const { page, errors, close } = await open('source/src/nn/egcl.ts.html', settings[0]);
      await page.keyboard.press('/');
      await page.keyboard.type('mirror imag');
      await page.getByRole('link', { name: 'Mirror images' }).first().waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/limits.html#mirror-images');
      expect(await page.locator('h2#mirror-images').isVisible()).toBe(true);
      expect(errors).toEqual([]);
      await close();
    });

    test('what is not found says so, and Escape closes it', async () => {
      const { page, close } = await open('index.html', settings[1]);
      await page.fill('#search', 'xylophone');
      await page.getByText('Nothing found.').waitFor();
      await page.keyboard.press('Escape');
      expect(await page.locator('#results').isVisible()).toBe(false);
      await close();
    });

    test('the theme stays when the page changes', async () => {
      const { page, close } = await open('index.html', settings[0]);
      const background = () =>
        page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      const light = await background();
      await page.selectOption('#theme', 'dark');
      const dark = await background();
      expect(dark).not.toBe(light);
      await page.getByRole('navigation').getByRole('link', { name: 'Limits' }).click();
      await page.waitForURL('**/limits.html');
      expect(await background()).toBe(dark);
      expect(await page.locator('#theme').inputValue()).toBe('dark');
      await close();
    });
  },
  { site: false },
);
