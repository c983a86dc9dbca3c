/** @file The view Molecules in a browser: SMILES, files, models, turning, attention, contributions, lists. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from 'egnn';
import { buildNetwork, modelFiles, packModel } from 'egnn/models';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInBrowser, expectSound, openSite, type SitePage } from './browser.ts';
import { moleculeConfig } from './molecule-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'egnn-molecules-'));
const packed = join(folder, 'random.safetensors');
const water = '3\nwater\nO 0 0 0.12\nH 0 0.76 -0.47\nH 0 -0.76 -0.47\n';

beforeAll(async () => {
  const engine = await startEngine({ backend: 'reference' });
  const state = await buildNetwork(engine, moleculeConfig.network).stateDict();
  engine.close();
  writeFileSync(packed, packModel({ config: moleculeConfig, state }));
  for (const [name, bytes] of Object.entries(modelFiles('random', { config: moleculeConfig, state })))
    writeFileSync(join(folder, name), bytes);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function choose(page: Page, label: string, ...files: string[]): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: label }).click(),
  ]);
  await chooser.setFiles(files);
}

/** Drops files on the view, as from the desktop. */
async function drop(page: Page, files: readonly { name: string; text: string }[]): Promise<void> {
  const transfer = await page.evaluateHandle((list) => {
    const data = new DataTransfer();
    for (const { name, text } of list) data.items.add(new File([text], name));
    return data;
  }, files);
  await page.dispatchEvent('.view', 'drop', { dataTransfer: transfer });
}

/** The view with the random model, and its predictions there. */
async function opened(site: SitePage, hash = '#/molecules'): Promise<Page> {
  const { page } = site;
  await site.open(hash);
  await page
    .getByRole('figure')
    .filter({ hasText: /\d+ atoms/ })
    .waitFor();
  await choose(page, 'Open a model', packed);
  await page
    .getByRole('region', { name: 'Model' })
    .filter({ hasText: 'random.safetensors: 2 properties' })
    .waitFor();
  await page.locator('.predictions tbody tr').nth(1).waitFor();
  return page;
}

const predicted = (page: Page) => page.locator('.predictions tbody td:nth-child(2)').allTextContents();

describeInBrowser('Molecules', () => {
  test('a SMILES, a model from a file, units and errors; a wrong SMILES and an unknown element are named', async () => {
    const site = await openSite();
    const page = await opened(site);
    const first = await predicted(page);
    expect(first[0]).toMatch(/^-?\d+\.\d\d D$/);
    expect(await page.locator('.predictions tbody').innerText()).toContain('±\u00a00.15');
    await page.getByLabel('SMILES', { exact: true }).fill('CCO');
    await page.keyboard.press('Enter');
    await page.getByText('C2H6O, 9 atoms').waitFor();
    await expect.poll(() => predicted(page)).not.toEqual(first);
    await expectSound(site);
    const alert = page.getByRole('alert').filter({ visible: true });
    await page.getByLabel('SMILES', { exact: true }).fill('CC(C');
    await page.keyboard.press('Enter');
    await expect.poll(() => alert.allTextContents()).toEqual([expect.stringContaining('expected )')]);
    // What was there before is gone.
    expect(await page.getByRole('heading', { name: 'Predicted properties' }).isVisible()).toBe(false);
    expect(await page.locator('.stage canvas').isVisible()).toBe(false);
    await page.getByLabel('SMILES', { exact: true }).fill('CCBr');
    await page.keyboard.press('Enter');
    await expect.poll(() => alert.allTextContents()).toEqual(['atom 3 is Br; the model knows H, C, N, O, F']);
    expect(site.errors).toEqual([]);
    await site.close();
  });

  test('turned by mouse and mirrored by key, it is computed again and nothing changes', async () => {
    const site = await openSite({ isolation: 'none' });
    const page = await opened(site);
    const before = await predicted(page);
    const box = (await page.locator('.stage').boundingBox())!;
    await page.mouse.move(box.x + 200, box.y + 150);
    await page.mouse.down();
    for (let k = 1; k <= 8; k++) await page.mouse.move(box.x + 200 + 15 * k, box.y + 150 + 5 * k);
    await page.mouse.up();
    await page.locator('.stage').focus();
    await page.keyboard.press('m');
    await expect.poll(() => page.url()).toContain('mirror=1');
    await expect.poll(() => page.url()).toContain('turn=');
    await expect
      .poll(() => page.locator('.verdict').textContent())
      .toMatch(/^Computed again \d+ times? from the turned positions/);
    const changes = await page.locator('.predictions tbody td:nth-child(4)').allTextContents();
    for (const change of changes) expect(Number(change)).toBeLessThan(1e-4);
    expect(await predicted(page)).toEqual(before);
    expect(await page.getByRole('button', { name: 'Mirror' }).getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('button', { name: 'Reset' }).click();
    await expect.poll(() => page.url()).not.toContain('mirror');
    expect(site.errors).toEqual([]);
    await site.close();
  });

  test('attention and contributions, in the address and after a reload', async () => {
    const site = await openSite({ theme: 'dark' });
    let page = await opened(site);
    await page.getByLabel('Attention').check();
    await page.getByRole('combobox', { name: 'Layer' }).selectOption('1');
    await expect
      .poll(() => page.locator('.facts').textContent())
      .toMatch(/e_ij of this layer: 0\.\d\d to 0\.\d\d, mean/);
    await page.getByLabel('Contributions').check();
    await page.getByRole('combobox', { name: 'Property' }).selectOption('gap');
    await expect
      .poll(() => page.locator('.facts').textContent())
      .toMatch(/^gap: shares .*, rest .*, together/);
    expect(await page.locator('.atom-labels span').count()).toBe(9);
    await page.getByText('Shares of all atoms').click();
    expect(await page.locator('details tbody tr').count()).toBe(9);
    await expectSound(site);
    await expect.poll(() => page.url()).toContain('property=gap');
    await page.reload();
    page = await opened(site, page.url().slice(page.url().indexOf('#')));
    expect(await page.getByLabel('Contributions').isChecked()).toBe(true);
    await expect.poll(() => page.locator('.facts').textContent()).toMatch(/^gap/);
    await site.close();
  });

  test('files: a molecule is dropped and survives a reload; a folder of a model is dropped', async () => {
    const site = await openSite();
    const { page } = site;
    await site.open('#/molecules');
    await drop(page, [{ name: 'water.xyz', text: water }]);
    await page.getByText('water: H2O, 3 atoms. The file has no bonds').waitFor();
    await expect.poll(() => page.url()).toContain('file=water.xyz');
    await page.reload();
    await page.getByText('water: H2O, 3 atoms').waitFor();
    await choose(page, 'Open a model', join(folder, 'config.json'), join(folder, 'model.safetensors'));
    await page.getByText('model.safetensors: 2 properties').waitFor();
    await drop(page, [{ name: 'broken.xyz', text: '1\n\nO zero 0 0\n' }]);
    const alert = page.getByRole('alert').filter({ visible: true });
    await expect.poll(() => alert.allTextContents()).toEqual([expect.stringMatching(/broken\.xyz, line 3/)]);
    await drop(page, [{ name: 'config.json', text: '{}' }]);
    await page.getByText('config.json: no weights among them').waitFor();
    expect(site.errors).toEqual([]);
    await site.close();
  });

  test('a list, on a phone: sorted by a column, a wrong line, CSV', async () => {
    const site = await openSite({ size: 'phone' });
    const page = await opened(site);
    await page
      .getByLabel('SMILES, one a line')
      .fill('CCO ethanol\nC methane\nC1CC broken\nc1ccccc1 benzene\n');
    await page.getByRole('button', { name: 'Predict' }).click();
    await page.getByText('4 molecules, 1 of them wrong.').waitFor();
    const names = () => page.locator('.batch tbody td:nth-child(2)').allTextContents();
    expect(await names()).toEqual(['ethanol', 'methane', 'broken', 'benzene']);
    await page.getByRole('button', { name: 'Atoms' }).click();
    expect(await names()).toEqual(['methane', 'ethanol', 'benzene', 'broken']);
    await page.getByRole('button', { name: 'Atoms' }).click();
    expect(await names()).toEqual(['benzene', 'ethanol', 'methane', 'broken']);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    const lines = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\n');
    expect(lines[0]).toBe('line,name,smiles,atoms,mu (D),gap (hartree),error');
    expect(lines[1]).toMatch(/^4,benzene,c1ccccc1,12,-?\d+\.\d+,-?\d+\.\d+,$/);
    expect(lines).toHaveLength(5);
    await expectSound(site);
    await page.getByRole('button', { name: 'c1ccccc1' }).click();
    await page.getByText('C6H6, 12 atoms').waitFor();
    await site.close();
  });
});
