/** @file The view Your data in a browser: pasted and dropped graphs, models, wrong cells, downloads. */
import { readFileSync } from 'node:fs';
import { EGNN, startEngine } from 'egnn';
import { readNpz, writeNpz } from 'egnn/formats';
import { buildNetwork, type ModelConfig, packModel } from 'egnn/models';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, expectSound, openSite } from './browser.ts';

const input = (page: Page) => page.getByLabel('X, C and, where there are any, E, A and V');
const alerts = (page: Page) => page.getByRole('alert').filter({ visible: true }).allTextContents();

async function numbersOf(page: Page, title: string): Promise<number[]> {
  const cells = await page.getByRole('region', { name: title }).locator('td').allTextContents();
  return cells.map(Number);
}

async function drop(page: Page, files: readonly { name: string; bytes: readonly number[] }[]): Promise<void> {
  const transfer = await page.evaluateHandle((list) => {
    const data = new DataTransfer();
    for (const { name, bytes } of list) data.items.add(new File([new Uint8Array(bytes)], name));
    return data;
  }, files);
  await page.dispatchEvent('.view', 'drop', { dataTransfer: transfer });
}

const graph = {
  X: [[1], [2], [3]],
  C: [
    [0, 0, 0],
    [1, 0, 0],
    [0, 2, 0],
  ],
};

describeInBrowser('Your data', () => {
  test('a pasted graph through a random EGNN gives what the package gives; files hold it', async () => {
    const site = await openSite();
    const { page } = site;
    await site.open('#/data');
    await input(page).fill(JSON.stringify(graph));
    await page.getByLabel('Layers').fill('2');
    await page.getByLabel('attention').check();
    await page.getByText('Read: X [3, 1], C [3, 3]; without E the graph is complete.').waitFor();
    const engine = await startEngine({ backend: 'reference' });
    const network = new EGNN(engine, {
      inputFeatures: 1,
      outputFeatures: 3,
      hiddenFeatures: 32,
      layers: 2,
      attention: true,
      coordinateWeight: 1000,
      seed: 1,
    });
    const { h, x } = await network.predict(graph);
    engine.close();
    const near = (expected: ArrayLike<number>) =>
      Array.from(expected, (value) => expect.closeTo(value, Math.abs(value) > 10 ? 1 : 3));
    await expect.poll(() => numbersOf(page, 'C′')).toEqual(near(x));
    expect(await numbersOf(page, 'H′')).toEqual(near(h!));
    await expectSound(site);

    const save = async (name: string) => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: `Download ${name}` }).click(),
      ]);
      return readFileSync(await file.path());
    };
    const json = JSON.parse((await save('JSON')).toString());
    expect(json.x.flat()).toEqual(near(x));
    const arrays = readNpz(new Uint8Array(await save('npz')));
    expect(arrays.h.shape).toEqual([3, 3]);
    expect(Array.from(arrays.x.data as Float64Array)).toEqual(near(x));
    const csv = (await save('CSV')).toString().trim().split('\n');
    expect(csv[0]).toBe('node,h1,h2,h3,x1,x2,x3');
    expect(csv[3].split(',').slice(4).map(Number)).toEqual(near([...x].slice(6)));
    await page.getByText('The same in code').click();
    expect(await page.getByRole('region', { name: 'The same in code' }).textContent()).toContain(
      '"attention": true'.replaceAll('"', ''),
    );

    await expect.poll(() => page.url()).toContain('text=');
    await page.reload();
    expect(JSON.parse(await input(page).inputValue())).toEqual(graph);
    await expect.poll(() => numbersOf(page, 'C′')).toEqual(near(x));
    expect(site.errors).toEqual([]);
    await site.close();
  });

  test('a wrong cell is named, on a phone', async () => {
    const site = await openSite({ size: 'phone', theme: 'dark', isolation: 'none' });
    const { page } = site;
    await site.open('#/data');
    await page.getByRole('region', { name: 'C′' }).waitFor();
    await input(page).fill('X\n1\n2\n3\nC\n0,0\n1,0\n0,abc\n');
    await expect.poll(() => alerts(page)).toEqual(["C, row 3, column 2: 'abc' is not a number (line 8)"]);
    expect(await input(page).getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByRole('region', { name: 'C′' }).count()).toBe(0);
    await expectSound(site);
    await input(page).fill('X\n1\n2\n3\nC\n0,0\n1,0\n0,5\n');
    await page.getByRole('region', { name: 'C′' }).waitFor();
    expect(await alerts(page)).toEqual([]);
    await expectSound(site);
    await site.close();
  });

  test('npz and CSV files are dropped; what does not fit the shipped model is named', async () => {
    const site = await openSite();
    const { page } = site;
    await site.open('#/data?example=charges&model=nbody');
    await page.getByText('nbody: 4 layers, 134,020 parameters').waitFor();
    await page.getByRole('region', { name: 'V′' }).waitFor();
    const npz = writeNpz({
      X: { data: new Float64Array([1, 2]), shape: [2, 1] },
      C: { data: new Float64Array([0, 0, 1, 1]), shape: [2, 2] },
    });
    await drop(page, [{ name: 'graph.npz', bytes: [...npz] }]);
    await page.getByText('Read: X [2, 1], C [2, 2]').waitFor();
    await expect.poll(() => alerts(page)).toEqual(['A is missing: this model takes 2 columns of it']);
    await page.getByLabel('Random EGNN').check();
    await page.getByRole('region', { name: 'H′' }).waitFor();
    const text = (content: string) => [...new TextEncoder().encode(content)];
    await drop(page, [
      { name: 'X.csv', bytes: text('1\n2\n3\n') },
      { name: 'C.csv', bytes: text('0,0\n1,0\n0,1\n') },
      { name: 'E.csv', bytes: text('0,1\n1,2\n2,0\n') },
    ]);
    await page.getByText('Read: X [3, 1], C [3, 2], E [2, 3].').waitFor();
    expect(site.errors).toEqual([]);
    await site.close();
  });

  test('a model from a file, and by keyboard: the picture turns, the address keeps it', async () => {
    const config: ModelConfig = {
      format: 'egnn-model',
      version: 1,
      network: { kind: 'egnn', inputFeatures: 2, outputFeatures: 1, hiddenFeatures: 8, seed: 4 },
      edges: 'complete',
    };
    const engine = await startEngine({ backend: 'reference' });
    const state = await buildNetwork(engine, config.network).stateDict();
    engine.close();
    const site = await openSite();
    const { page } = site;
    await site.open('#/data');
    await drop(page, [{ name: 'own.safetensors', bytes: [...packModel({ config, state })] }]);
    await page.getByText('own.safetensors: 4 layers').waitFor();
    await page.getByRole('region', { name: 'H′' }).waitFor();
    expect(await page.getByLabel('From files').isChecked()).toBe(true);
    await page.locator('.stage').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.url()).toContain('turn=');
    await page.keyboard.press('0');
    await expect.poll(() => page.url()).not.toContain('turn=');
    await expectSound(site);
    await drop(page, [{ name: 'bad.safetensors', bytes: [1, 2, 3] }]);
    await page.locator('.note.bad').waitFor();
    await site.close();
  });
});
