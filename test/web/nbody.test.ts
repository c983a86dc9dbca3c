/** @file The view N-body in a browser: presets, drawing, time, ghosts, and a training from its start to the download. */
import { readFileSync } from 'node:fs';
import { unpackModel } from 'egnn/models';
import { unzipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { FOLDER } from '../../web/src/views/nbody/archive.ts';
import { paperErrors } from '../../web/src/views/nbody/paper.ts';
import { presets } from '../../web/src/views/nbody/presets.ts';
import { parseSystem } from '../../web/src/views/nbody/system.ts';
import { describeInBrowser, expectSound, openSite, type SitePage, sizes } from './browser.ts';

const ready = (page: Page) => page.waitForSelector('.view[data-ready]');
const picture = (page: Page) => page.locator('canvas.system-picture');
const system = (page: Page) => page.getByRole('combobox', { name: 'System' });
const settings = (page: Page) => new URLSearchParams(new URL(page.url()).hash.split('?')[1]);
const setting = (page: Page, name: string) => expect.poll(() => settings(page).get(name));

/** Of the predictions now, and over the run: of the model, then of straight lines. */
async function errors(page: Page): Promise<number[]> {
  const cells = await page.locator('table.errors td').allTextContents();
  return cells.map(Number);
}

async function inks(page: Page): Promise<Buffer> {
  return picture(page).screenshot();
}

async function atRest(hash: string, options: Parameters<typeof openSite>[0] = {}): Promise<SitePage> {
  const site = await openSite(options);
  await site.open(hash);
  await ready(site.page);
  return site;
}

describeInBrowser('N-body', () => {
  test('the shipped model is closer than straight lines, and noise takes that away', async () => {
    const site = await atRest('#/nbody?time=3100&seed=94');
    const { page } = site;
    const [model, modelMean, linear, linearMean] = await errors(page);
    expect(model).toBeLessThan(linear / 10);
    expect(modelMean).toBeLessThan(linearMean / 10);
    await expectSound(site);
    await page.getByLabel('Noise on what the models see').fill('0.2');
    await expect.poll(async () => (await errors(page))[0]).toBeGreaterThan(4 * model);
    await setting(page, 'noise').toBe('0.2');
    await site.close();
  });

  test.each(Object.keys(sizes) as (keyof typeof sizes)[])('is sound on a %s in both themes', async (size) => {
    for (const theme of ['light', 'dark'] as const) {
      const site = await atRest('#/nbody?time=2000&preset=own&edit=1&system=2,0,0,0,0,0.5,0;-1,1,0,0,0,0,0', {
        size,
        theme,
      });
      await site.page.getByText('The model has not seen this: 2 particles, charges of 2').waitFor();
      await site.page.getByRole('rowheader', { name: '2', exact: true }).waitFor();
      await expectSound(site);
      await site.close();
    }
  });

  test('plays by itself and by keys, stands still at a chosen time, and a reload shows the same', async () => {
    const site = await atRest('#/nbody?preset=mirror');
    const { page } = site;
    const time = page.getByLabel('Steps since the start');
    const before = await time.inputValue();
    await expect.poll(() => time.inputValue()).not.toBe(before);
    expect(settings(page).has('time')).toBe(false);
    await picture(page).focus();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Play' }).waitFor();
    await time.fill('1230');
    await setting(page, 'time').toBe('1230');
    await picture(page).focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('+');
    await setting(page, 'yaw').toBe('20');
    await setting(page, 'zoom').toBe('1.25');
    await picture(page).blur();
    await page.waitForTimeout(200);
    const [shown, image] = [await errors(page), await inks(page)];
    await page.reload();
    await ready(page);
    await page.waitForTimeout(500);
    expect(await time.inputValue()).toBe('1230');
    expect(await system(page).inputValue()).toBe('mirror');
    expect(await errors(page)).toEqual(shown);
    expect((await inks(page)).equals(image)).toBe(true);
    await page.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => time.inputValue()).not.toBe('1230');
    await expectSound(site);
    await site.close();
  });

  test('stands still where people ask for less motion', async () => {
    const site = await openSite();
    await site.page.emulateMedia({ reducedMotion: 'reduce' });
    await site.open('#/nbody');
    await ready(site.page);
    await site.page.waitForTimeout(300);
    expect(await site.page.getByLabel('Steps since the start').inputValue()).toBe('3100');
    await site.close();
  });

  test('turns by dragging; particles are moved, pushed, added and removed by hand', async () => {
    const site = await atRest('#/nbody?preset=orbit&time=0');
    const { page } = site;
    const box = (await picture(page).boundingBox())!;
    const drag = async (from: readonly [number, number], to: readonly [number, number]) => {
      const at = ([x, y]: readonly [number, number]) =>
        [box.x + box.width / 2 + x, box.y + box.height / 2 + y] as const;
      await page.mouse.move(...at(from));
      await page.mouse.down();
      await page.mouse.move(...at([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]));
      await page.mouse.move(...at(to));
      await page.mouse.up();
    };
    await drag([0, 0], [50, 0]);
    await setting(page, 'yaw').toBe('50');

    await page.getByRole('button', { name: 'Draw and change particles' }).click();
    await setting(page, 'edit').toBe('1');
    const own = () => parseSystem(settings(page).get('system') ?? '');
    // The first particle of the orbit is one unit to the right of the middle.
    const unit = (0.96 * box.height) / 6;
    await drag([unit, 0], [2 * unit, -unit]);
    await expect
      .poll(() =>
        own()
          ?.positions.slice(0, 3)
          .map((x) => Math.round(10 * x) / 10),
      )
      .toEqual([2, 1, 0]);
    expect(await system(page).inputValue()).toBe('own');
    await drag([2 * unit, -1.5 * unit], [3 * unit, -unit]);
    await expect
      .poll(() =>
        own()
          ?.velocities.slice(0, 3)
          .map((v) => Math.round(10 * v) / 10),
      )
      .toEqual([1, 0, 0]);
    await drag([-2 * unit, 2 * unit], [-2 * unit, unit]);
    await expect.poll(() => own()?.charges).toEqual([1, -1, 1]);
    expect(
      own()!
        .velocities.slice(6)
        .map((v) => Math.round(10 * v) / 10),
    ).toEqual([0, 1, 0]);
    await page.getByRole('button', { name: 'Add a negative charge' }).click();
    await expect.poll(() => own()?.charges).toEqual([1, -1, 1, -1]);
    await page.getByLabel('Charge of particle 1').selectOption('−2');
    await page.getByLabel('vz of particle 4').fill('0.75');
    await page.getByRole('button', { name: 'Remove particle 2' }).click();
    await expect.poll(() => own()?.charges).toEqual([-2, 1, -1]);
    expect(own()!.velocities.at(-1)).toBe(0.75);
    await expect.poll(async () => (await errors(page)).every(Number.isFinite)).toBe(true);
    await system(page).selectOption(presets.collision.title);
    await setting(page, 'preset').toBe('collision');
    await expectSound(site);
    await site.close();
  });

  test.each(['headers', 'none'] as const)(
    'trains (isolation: %s): the loss falls, it pauses and goes on, and the weights are a model folder',
    async (isolation) => {
      const site = await atRest('#/nbody?time=3100&samples=300&epochs=150', { isolation });
      const { page } = site;
      const loss = async () => Number(await page.locator('.facts dd').nth(2).textContent());
      const step = async () => {
        const text = await page.locator('.facts dd').first().textContent();
        return Number(text!.replace(/ of .*|,|–/g, ''));
      };
      const button = (name: string) => page.getByRole('button', { name, exact: true });
      expect(await button('Download the weights').isDisabled()).toBe(true);
      await button('Train').click();
      await page.getByText('Simulating trajectories to learn from.').waitFor();
      await expect.poll(step, { timeout: 60_000 }).toBeGreaterThan(2);
      await button('Pause the training').click();
      await page.getByText('Paused.').waitFor();
      const paused = await step();
      const before = await loss();
      await page.waitForTimeout(400);
      expect(await step()).toBe(paused);
      await button('Continue the training').click();
      await expect.poll(loss, { timeout: 120_000 }).toBeLessThan(before / 4);
      await page.getByText(/^(Finished|Stopped)/).waitFor({ timeout: 120_000 });
      expect(await button('Train').isEnabled()).toBe(true);
      const tested = Number(await page.locator('tr.here td').last().textContent());
      expect(tested).toBeGreaterThan(0);
      expect(tested).toBeLessThan(paperErrors.linear / 2);
      expect(await page.getByLabel('trained here').isChecked()).toBe(true);
      const [model, , linear] = await errors(page);
      expect(model).toBeLessThan(linear);

      const [file] = await Promise.all([
        page.waitForEvent('download'),
        button('Download the weights').click(),
      ]);
      const files = unzipSync(readFileSync(await file.path()));
      const config = JSON.parse(new TextDecoder().decode(files[`${FOLDER}/config.json`]));
      const { state } = unpackModel(files[`${FOLDER}/model.safetensors`], config);
      expect(Object.values(state).reduce((sum, { data }) => sum + data.length, 0)).toBe(134_020);
      await expectSound(site);
      await site.close();
    },
    300_000,
  );

  test('a training is stopped by hand, and by leaving the view; its weights stay', async () => {
    const site = await atRest('#/nbody?time=3100&samples=300&epochs=1000');
    const { page } = site;
    const button = (name: string) => page.getByRole('button', { name, exact: true });
    await button('Train').click();
    await expect.poll(() => button('Download the weights').isEnabled(), { timeout: 120_000 }).toBe(true);
    await button('Stop the training').click();
    await page.getByText(/^Stopped after/).waitFor();
    await button('Train').click();
    await page.getByText('Simulating trajectories to learn from.').waitFor();
    await page.getByRole('link', { name: 'Your data' }).click();
    await page.waitForSelector('#view[data-view="data"]:not([aria-busy])');
    await page.getByRole('link', { name: 'N-body' }).click();
    await ready(page);
    expect(await button('Download the weights').isEnabled()).toBe(true);
    // The one that was left has ended: another can begin.
    await button('Train').click();
    await page.getByText('Simulating trajectories to learn from.').waitFor();
    await button('Stop the training').click();
    await page.getByText('Stopped before the training began.').waitFor();
    await expectSound(site);
    await site.close();
  }, 300_000);
});
