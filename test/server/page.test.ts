/** @file The page at `/`: it offers what the server takes, each with an example that is answered, and keeps what was typed. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FILE_TYPES, JSON_TYPE } from '../../src/server/read-request.ts';
import { describeInBrowser, overflow, seriousFindings, startBrowser } from '../web/browser.ts';
import { isBuilt, makeFolder, type Running, removeFolder, start } from './running-server.ts';

const SMILES = 'chemical/x-daylight-smiles';
const KEY = 'a-key-that-is-long-enough';

describe.skipIf(!isBuilt)('the page of egnn serve (skipped when dist/ is not built)', () => {
  describeInBrowser(
    'in a browser',
    () => {
      let folder: string;
      let server: Running;
      beforeAll(async () => {
        folder = await makeFolder();
        server = await start(folder, ['qm9', 'nbody', 'points', 'rings']);
      });
      afterAll(async () => {
        await server?.stop();
        removeFolder(folder);
      });

      test.each([
        ['qm9', 'molecules'],
        ['nbody', 'graphs'],
        ['points', 'graphs'],
        ['rings', 'graphs'],
      ] as const)('examples for %s are answered, of each type of %s', async (model, kind) => {
        const page = await open(server);
        await page.selectOption('#model', model);
        const types = await page
          .locator('#type option')
          .evaluateAll((options: HTMLOptionElement[]) => options.map(({ value }) => value));
        expect(types.sort()).toEqual([JSON_TYPE, ...Object.keys(FILE_TYPES[kind])].sort());
        for (const type of types) {
          await page.selectOption('#type', type);
          expect(await predict(page), type).toMatch(/^200 after \d+ ms: [1-9] predicted by/);
          expect(await page.locator('tbody tr').count(), type).toBeGreaterThan(0);
        }
        await page.close();
      });

      test('a table has values with units and the forces on each atom', async () => {
        const page = await open(server);
        await page.selectOption('#type', 'chemical/x-pdb');
        await page.selectOption('#forces', 'mu');
        await predict(page);
        const [values, forces] = await page.locator('#predictions > section').allInnerTexts();
        expect(values).toMatch(/mu \(D\)\s+1\.77/);
        expect(forces).toMatch(/D\/angstrom/);
        expect(await page.locator('table >> nth=1 >> tbody tr').count()).toBe(8);
        await page.close();
      });

      test('what was typed is there again after other forms and models', async () => {
        const page = await open(server);
        await page.fill('#input', 'CCCC butane');
        await page.selectOption('#type', 'chemical/x-xyz');
        expect(await page.inputValue('#input')).toContain('acetic acid');
        await page.fill('#input', 'not finished');
        await page.selectOption('#model', 'nbody');
        expect(await page.inputValue('#input')).toContain('graphs');
        await page.selectOption('#model', 'qm9');
        expect(await page.inputValue('#input')).toBe('not finished');
        await page.selectOption('#type', SMILES);
        expect(await page.inputValue('#input')).toBe('CCCC butane');
        await page.close();
      });

      test('errors are shown: of the request, and of molecules by their index', async () => {
        const page = await open(server);
        await page.fill('#input', '');
        expect(await predict(page)).toMatch(/^400 .*the body is empty/);
        await page.click('#example');
        expect(await predict(page)).toMatch(/^200/);
        await page.fill('#input', 'CCCC butane\nC(\n');
        expect(await predict(page)).toMatch(/1 predicted, 1 failed/);
        expect(await page.innerText('.bad li')).toMatch(/^#1: .*C\(/);
        await page.close();
      });

      test('the curl command is the request', async () => {
        const page = await open(server);
        await page.fill('#input', "CCCC it's butane\nCC(C)C isobutane");
        await predict(page);
        expect(await page.innerText('#curl')).toBe(
          `curl '${server.address}/v1/models/qm9/predict' \\\n  -H 'content-type: ${SMILES}' \\\n` +
            "  --data-raw 'CCCC it'\\''s butane\nCC(C)C isobutane'",
        );
        await page.close();
      });

      test.each(['light', 'dark'] as const)('it is sound at 360 px, %s', async (colorScheme) => {
        const page = await open(server, {
          colorScheme,
          viewport: { width: 360, height: 640 },
          bypassCSP: true,
        });
        await page.selectOption('#forces', 'mu');
        await page.fill('#input', 'CC(=O)O acetic acid\nC(\n');
        await predict(page);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        expect(await seriousFindings(page)).toEqual([]);
        await page.close();
      });

      test('a key is asked for where one is needed', async () => {
        const guarded = await start(folder, ['rings'], { EGNN_API_KEYS: KEY });
        const page = await (await startBrowser()).newPage();
        await page.goto(guarded.address);
        await page.getByLabel('API key').fill(KEY);
        await page.keyboard.press('Enter');
        await page.waitForSelector('#ask:not([disabled])');
        expect(await predict(page)).toMatch(/^200/);
        expect(await page.innerText('#curl')).not.toContain(KEY);
        await page.close();
        await guarded.stop();
      });
    },
    { site: false },
  );
});

async function open(
  { address }: Running,
  settings: Parameters<Awaited<ReturnType<typeof startBrowser>>['newPage']>[0] = {},
): Promise<Page> {
  const page = await (await startBrowser()).newPage(settings);
  await page.goto(address);
  await page.waitForSelector('#ask:not([disabled])');
  return page;
}

/** @returns what the page says then */
async function predict(page: Page): Promise<string> {
  await page.click('#send');
  const message = page.locator('#message', { hasText: / after |no answer/ });
  await message.waitFor();
  return message.innerText();
}
