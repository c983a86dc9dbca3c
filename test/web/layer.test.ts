/** @file The view Inside a layer in a browser: nodes and steps with mouse and keyboard, turning, what a reload keeps. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, expectSound, openSite, type PageSettings } from './browser.ts';

async function openLayer(hash = '#/layer', settings: PageSettings = {}) {
  const site = await openSite(settings);
  await site.open(hash);
  await site.page.waitForSelector('[data-ready]');
  return site;
}

const current = (page: Page) => page.locator('.steps [aria-current="step"]').textContent();
const chosen = (page: Page) => page.locator('.layer .node[aria-pressed="true"]').getAttribute('aria-label');
const table = (page: Page) => page.locator('.layer table').innerText();
/** Whether a part of the equations is marked, and what it says. */
const marked = (page: Page) => page.locator('.equations .katex-html .term.current').allInnerTexts();

describeInBrowser('Inside a layer', () => {
  test('all steps, with their numbers, terms and code', async () => {
    const site = await openLayer();
    const { page } = site;
    const seen = new Set<string>();
    for (let step = 1; step <= 9; step++) {
      expect(await current(page)).toMatch(new RegExp(`^${step}\\.`));
      expect((await marked(page)).join('')).not.toBe('');
      expect(await page.locator('.layer pre').innerText()).toMatch(/^\s*\d+/);
      seen.add(await table(page));
      if (step < 9) await page.getByRole('button', { name: 'Next step' }).click();
    }
    expect(seen.size).toBe(9);
    await expect.poll(() => page.getByRole('button', { name: 'Next step' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Back' }).click();
    expect(await current(page)).toMatch(/^8\./);
    expect(site.errors).toEqual([]);
    await site.close();
  });

  test('a click chooses a node; the numbers and the answer follow', async () => {
    const site = await openLayer('#/layer?step=terms');
    const { page } = site;
    const before = await table(page);
    const answer = page.locator('.radial figcaption');
    const caption = await answer.textContent();
    await page.getByRole('button', { name: 'Node 3', exact: true }).click();
    expect(await chosen(page)).toBe('Node 3');
    expect(await table(page)).not.toBe(before);
    expect(await answer.textContent()).not.toBe(caption);
    expect(await page.locator('.layer .arrow.term').count()).toBe(4);
    await site.close();
  });

  test('by keyboard alone', async () => {
    const site = await openLayer();
    const { page } = site;
    const node = page.getByRole('button', { name: 'Node 2', exact: true });
    await page.getByRole('button', { name: 'Next step' }).focus();
    await page.keyboard.press('Enter');
    expect(await current(page)).toMatch(/^2\./);
    // Back, which the first step has switched off, lies before it; the nodes behind it.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await node.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    expect(await chosen(page)).toBe('Node 2');
    expect(await node.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.locator('.steps [aria-current="step"]').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await current(page)).toMatch(/^4\./);
    await site.close();
  });

  test('turning the graph turns the vectors and leaves the other numbers', async () => {
    const site = await openLayer('#/layer?step=terms');
    const { page } = site;
    const column = (k: number) => page.locator(`.layer tbody td:nth-of-type(${k})`).allInnerTexts();
    const [differences, weights, terms] = [await column(1), await column(2), await column(3)];
    await page.getByLabel('Turn the graph').fill('90');
    await expect.poll(() => column(1)).not.toEqual(differences);
    expect(await column(2)).toEqual(weights);
    expect(await column(3)).not.toEqual(terms);
    await site.close();
  });

  test('a reload shows the same', async () => {
    const site = await openLayer();
    const { page } = site;
    await page.getByLabel('Nodes', { exact: true }).fill('6');
    await expect.poll(() => page.locator('.layer .node[role="button"]').count()).toBe(6);
    await page.getByRole('button', { name: 'Node 6', exact: true }).click();
    await page.getByRole('button', { name: /^6\. Their sum/ }).click();
    await page.getByRole('button', { name: 'Another graph' }).click();
    await expect.poll(() => page.url()).toMatch(/seed=159/);
    await page.waitForFunction(() => document.querySelectorAll('.layer tbody tr').length === 5);
    const before = await table(page);
    await page.reload();
    await page.waitForSelector('[data-ready]');
    expect(await current(page)).toMatch(/^6\./);
    expect(await chosen(page)).toBe('Node 6');
    expect(await table(page)).toBe(before);
    // Fewer nodes than the chosen one's number: the first is looked at.
    await page.getByLabel('Nodes', { exact: true }).fill('4');
    await expect.poll(() => chosen(page)).toBe('Node 1');
    expect(site.errors).toEqual([]);
    await site.close();
  });

  for (const size of ['phone', 'desktop'] as const)
    for (const theme of ['light', 'dark'] as const)
      test(`sound at ${size} width, ${theme}`, async () => {
        const site = await openLayer('#/layer?step=features', { size, theme });
        await expectSound(site);
        await site.close();
      });

  test('without isolation', async () => {
    const site = await openLayer('#/layer', { isolation: 'none' });
    expect(await chosen(site.page)).toBe('Node 1');
    expect(site.errors).toEqual([]);
    await site.close();
  });
});
