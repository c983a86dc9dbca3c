/** @file The view Equivariance in a browser: mouse, sliders, keys and files, the error in numbers, what a reload keeps. */
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { writeNpz } from '../../src/formats/index.ts';
import { describeInBrowser, expectSound, openSite, type PageSettings } from './browser.ts';

async function openEquivariance(hash = '#/equivariance', settings: PageSettings = {}) {
  const site = await openSite(settings);
  await site.open(hash);
  await site.page.waitForSelector('[data-ready]');
  return site;
}

const error = (page: Page) => page.locator('#equivariance-error').getAttribute('data-value').then(Number);
const verdict = (page: Page) => page.locator('.verdict').textContent();
const slider = (page: Page, name: string) => page.getByLabel(name, { exact: true });
const picture = (page: Page, name: string) => page.getByRole('application', { name: new RegExp(`^${name}`) });

/** Waits until the numbers belong to what was just set: the sentence leaves what it said for a g that changes nothing. */
const computed = (page: Page) => expect.poll(() => verdict(page)).not.toMatch(/changes nothing|Computing/);

async function drag(page: Page, target: Locator, dx: number, dy: number) {
  await target.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await target.boundingBox())!;
  const [fromX, fromY] = [x + 0.6 * width, y + 0.6 * height];
  await page.mouse.move(fromX, fromY);
  await page.mouse.down();
  for (let step = 1; step <= 8; step++)
    await page.mouse.move(fromX + (dx * step) / 8, fromY + (dy * step) / 8);
  await page.mouse.up();
}

/** How many pixels of a picture are not its ground. What WebGL has drawn can be read from the screen alone. */
async function ink(target: Locator): Promise<number> {
  const png = [...(await target.screenshot())];
  return target.evaluate(async (_, png) => {
    const image = await createImageBitmap(new Blob([Uint8Array.from(png)]));
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
    context.drawImage(image, 0, 0);
    const pixels = new Uint32Array(
      context.getImageData(8, 8, image.width - 16, image.height - 16).data.buffer,
    );
    return pixels.filter((pixel) => pixel !== pixels[0]).length;
  }, png);
}

describeInBrowser('Equivariance', () => {
  for (const dimension of [2, 3])
    test(`dragging turns the points: the EGNN follows and the plain GNN does not, ${dimension}D`, async () => {
      const site = await openEquivariance(`#/equivariance?dimension=${dimension}`);
      const { page } = site;
      expect(await verdict(page)).toMatch(/changes nothing/);
      await drag(page, picture(page, 'Input'), 90, 60);
      await computed(page);
      await expect.poll(() => page.url()).toMatch(/turn=/);
      expect(await error(page)).toBeLessThan(1e-5);
      expect(await verdict(page)).toMatch(/lies on/);
      await page.getByLabel('Plain GNN').check();
      await expect.poll(() => error(page)).toBeGreaterThan(1e-2);
      expect(await verdict(page)).toMatch(/is not/);
      await page.getByLabel('Radial field').check();
      await expect.poll(() => error(page)).toBeLessThan(1e-5);
      expect(site.errors).toEqual([]);
      await site.close();
    });

  test('mirror, shuffle and shift: which network follows which', async () => {
    const site = await openEquivariance('#/equivariance?model=gnn');
    const { page } = site;
    await page.getByRole('button', { name: 'Shuffle' }).click();
    await expect.poll(() => verdict(page)).toMatch(/Order alone/);
    expect(await error(page)).toBeLessThan(1e-5);
    await page.getByRole('button', { name: 'Mirror' }).click();
    await expect.poll(() => error(page)).toBeGreaterThan(1e-2);
    await page.getByLabel('EGNN', { exact: true }).check();
    await expect.poll(() => error(page)).toBeLessThan(1e-5);
    await slider(page, 'Shift, x').fill('1.5');
    await expect.poll(() => page.url()).toMatch(/shift=1\.5/);
    expect(await error(page)).toBeLessThan(1e-5);
    await page.getByRole('button', { name: 'Reset g' }).click();
    await expect.poll(() => verdict(page)).toMatch(/changes nothing/);
    expect(await page.getByRole('button', { name: 'Mirror' }).getAttribute('aria-pressed')).toBe('false');
    await site.close();
  });

  test('from 3D to 2D and back, with more layers and points', async () => {
    const site = await openEquivariance('#/equivariance?turn=0,0,40');
    const { page } = site;
    expect(await slider(page, 'Turn, x').isVisible()).toBe(true);
    await page.getByLabel('2D').check();
    expect(await slider(page, 'Turn, x').isVisible()).toBe(false);
    expect(await slider(page, 'Shift, z').isVisible()).toBe(false);
    await slider(page, 'Layers').fill('6');
    await slider(page, 'Points').fill('40');
    await expect.poll(() => page.url()).toMatch(/layers=6.*dimension=2.*points=40/);
    await expect.poll(() => error(page)).toBeLessThan(1e-5);
    await expect.poll(() => ink(picture(page, 'Output'))).toBeGreaterThan(1000);
    await page.getByLabel('3D').check();
    await expect.poll(() => page.locator('.stage canvas').count()).toBe(2);
    await expect.poll(() => ink(picture(page, 'Input'))).toBeGreaterThan(1000);
    expect(site.errors).toEqual([]);
    await site.close();
  });

  test('by keyboard alone', async () => {
    const site = await openEquivariance();
    const { page } = site;
    await picture(page, 'Input').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => slider(page, 'Turn, y').inputValue()).toBe('5');
    await page.keyboard.press('Shift+ArrowUp');
    await expect.poll(() => slider(page, 'Shift, y').inputValue()).toBe('0.1');
    await page.keyboard.press('m');
    await page.keyboard.press('s');
    await expect.poll(() => page.url()).toMatch(/mirror=1&shuffle=1/);
    await expect.poll(() => verdict(page)).toMatch(/lies on/);
    await page.keyboard.press('0');
    await expect.poll(() => verdict(page)).toMatch(/changes nothing/);
    await slider(page, 'Turn, x').focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.url()).toMatch(/turn=1%2C0%2C0/);
    await site.close();
  });

  test('a drag with the shift key moves the points', async () => {
    const site = await openEquivariance();
    const { page } = site;
    await page.keyboard.down('Shift');
    await drag(page, picture(page, 'Output'), 40, -20);
    await page.keyboard.up('Shift');
    await expect.poll(() => slider(page, 'Shift, x').inputValue().then(Number)).toBeGreaterThan(0.1);
    expect(Number(await slider(page, 'Shift, y').inputValue())).toBeGreaterThan(0.05);
    expect(await slider(page, 'Turn, y').inputValue()).toBe('0');
    await site.close();
  });

  test('a reload shows the same, and so does going back', async () => {
    const site = await openEquivariance('#/equivariance?model=gnn&dimension=2&points=9&turn=0,0,30&mirror=1');
    const { page } = site;
    const before = await error(page);
    expect(before).toBeGreaterThan(1e-2);
    await page.reload();
    await page.waitForSelector('[data-ready]');
    expect(await error(page)).toBe(before);
    expect(await page.getByLabel('Plain GNN').isChecked()).toBe(true);
    expect(await slider(page, 'Turn, z').inputValue()).toBe('30');
    await page.evaluate(() => {
      location.hash = '#/equivariance?model=egnn&turn=10,0,0';
    });
    await expect.poll(() => page.getByLabel('EGNN', { exact: true }).isChecked()).toBe(true);
    await expect.poll(() => error(page)).toBeLessThan(1e-5);
    await page.goBack();
    await expect.poll(() => error(page)).toBe(before);
    await site.close();
  });

  test('files: xyz, CSV and npz; a reload keeps them; a bad one says where', async () => {
    const site = await openEquivariance('#/equivariance?turn=20,30,40');
    const { page } = site;
    const open = async (name: string, content: string | Uint8Array) => {
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: /Open a file/ }).click();
      await (await chooser).setFiles({ name, mimeType: 'text/plain', buffer: Buffer.from(content) });
    };
    const source = page.locator('.source');
    await open('water.xyz', '3\nwater\nO 0 0 0\nH 0 0.76 0.59\nH 0 -0.76 0.59\n');
    await expect.poll(() => source.textContent()).toMatch(/From water\.xyz/);
    await expect.poll(() => error(page)).toBeLessThan(1e-5);
    await open('square.csv', 'x,y\n0,0\n0,2\n2,0\n2,2\n');
    await expect.poll(() => source.textContent()).toMatch(/From square\.csv/);
    expect(await page.getByLabel('2D').isChecked()).toBe(true);
    const points = { data: Float32Array.of(0, 0, 0, 2, 2, 2, 1, 0, 1), shape: [3, 3] };
    await open('points.npz', writeNpz({ C: points }));
    await expect.poll(() => page.url()).toMatch(/file=points\.npz/);
    expect(await page.getByLabel('3D').isChecked()).toBe(true);
    await page.reload();
    await page.waitForSelector('[data-ready]');
    expect(await source.textContent()).toMatch(/From points\.npz/);
    await open('bad.csv', '1,2\n3,x\n');
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toBe('bad.csv: line 2, column 2: expected a number; got "x"');
    await page.getByRole('button', { name: 'New points' }).click();
    await expect.poll(() => page.getByRole('alert').isVisible()).toBe(false);
    await expect.poll(() => source.textContent()).toMatch(/Drawn/);
    expect(site.errors).toEqual([]);
    await site.close();
  });

  test('a file may be dropped on the pictures', async () => {
    const site = await openEquivariance();
    const { page } = site;
    const transfer = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(['0,0,0\n1,0,0\n0,1,1\n'], 'three.csv', { type: 'text/csv' }));
      return data;
    });
    await page.locator('.stages').dispatchEvent('drop', { dataTransfer: transfer });
    await expect.poll(() => page.locator('.source').textContent()).toMatch(/From three\.csv/);
    await site.close();
  });

  for (const size of ['phone', 'desktop'] as const)
    for (const theme of ['light', 'dark'] as const)
      test(`sound at ${size} width, ${theme}`, async () => {
        const site = await openEquivariance('#/equivariance?model=gnn&turn=20,0,0', { size, theme });
        await site.page.getByText('What is computed here').click();
        await expectSound(site);
        await site.close();
      });

  test('without isolation, on one thread', async () => {
    const site = await openEquivariance('#/equivariance?turn=20,0,0', { isolation: 'none' });
    expect(await error(site.page)).toBeLessThan(1e-5);
    expect(site.errors).toEqual([]);
    await site.close();
  });
});
