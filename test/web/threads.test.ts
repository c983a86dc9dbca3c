/**
 * @file The built package in a page that vite bundles with nothing set but the workers' format: threads where the page is
 * cross-origin isolated, one thread and the reason otherwise, and the same bits as in Node.
 */
import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPackagePage, type PackagePage } from '../../tools/web/build.ts';
import { type StaticServer, serveFolder } from '../../tools/web/static-server.ts';
import { describeInBrowser, startBrowser } from './browser.ts';

interface Computed {
  readonly description: string;
  readonly threads: number;
  readonly losses: number[];
  readonly h: number[];
  readonly x: number[];
}

interface Options {
  readonly threads?: number;
}

let packagePage: PackagePage;
let isolated: StaticServer;
let plain: StaticServer;

const inPage = () => {
  beforeAll(async () => {
    packagePage = await buildPackagePage(fileURLToPath(new URL('./package', import.meta.url)));
    const built = async () => packagePage.built;
    [isolated, plain] = await Promise.all([
      serveFolder(built, { isolated: true }),
      serveFolder(built, { isolated: false }),
    ]);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([isolated?.close(), plain?.close()]);
    packagePage?.remove();
  });

  test.each([1, 2])('on %i threads of a worker: the same bits as in Node', async (threads) => {
    const page = await open(isolated);
    const inBrowser = await computeInWorker(page, { threads });
    expect(inBrowser.threads).toBe(threads);
    expect(inBrowser.losses.at(-1)).toBeLessThan(inBrowser.losses[0]);
    const inNode = await computeInNode(inBrowser.description.match(/(\w+) build/)![1], { threads });
    expect(inBrowser).toEqual({ ...inNode, description: inBrowser.description });
    await page.close();
  });

  test('a worker takes all threads that the browser names', async () => {
    const page = await open(isolated);
    const cores = await page.evaluate(() => navigator.hardwareConcurrency);
    expect((await computeInWorker(page)).threads).toBe(Math.min(cores, 64));
    await page.close();
  });

  test('the page itself must not wait: one thread, and the reason', async () => {
    const page = await open(isolated);
    const computed = await computeOnPage(page);
    expect(computed.threads).toBe(1);
    expect(computed.description).toMatch('1 thread (only a worker of the page may wait for other threads');
    await expect(computeOnPage(page, { threads: 2 })).rejects.toThrow(
      '2 threads do not run here, because only a worker',
    );
    await page.close();
  });

  test('without isolation: one thread, the reason, and the same bits', async () => {
    const page = await open(plain);
    const computed = await computeInWorker(page);
    expect(computed.threads).toBe(1);
    expect(computed.description).toMatch(
      'the page is not cross-origin isolated: send Cross-Origin-Opener-Policy',
    );
    const inNode = await computeInNode(computed.description.match(/(\w+) build/)![1], { threads: 1 });
    expect(computed).toEqual({ ...inNode, description: computed.description });
    await expect(computeInWorker(page, { threads: 2 })).rejects.toThrow(
      '2 threads do not run here, because the page is not cross-origin isolated',
    );
    await page.close();
  });

  test('workers whose script is not where it should be: one thread, or an error if more were asked for', async () => {
    const incomplete = join(packagePage.project, 'incomplete');
    cpSync(packagePage.built, incomplete, { recursive: true });
    rmSync(threadWorker(join(incomplete, 'assets')));
    const server = await serveFolder(async () => incomplete, { isolated: true });
    const page = await open(server);
    const computed = await computeInWorker(page);
    expect(computed.description).toMatch(/1 thread \(a worker thread could not be started: /);
    await expect(computeInWorker(page, { threads: 2 })).rejects.toThrow(
      'a worker thread could not be started',
    );
    await page.close();
  });
};

describeInBrowser('the package in a page', inPage, { site: false });

/** The package's worker. The page's own has the same name, and loads the kernels. */
function threadWorker(assets: string): string {
  const workers = readdirSync(assets)
    .filter((name) => name.startsWith('worker-'))
    .map((name) => join(assets, name));
  expect(workers).toHaveLength(2);
  return workers.find((file) => !readFileSync(file, 'utf8').includes('import('))!;
}

async function open({ address }: StaticServer): Promise<Page> {
  const page = await (await startBrowser()).newPage();
  await page.goto(address);
  await page.waitForFunction(() => 'computeInWorker' in window);
  return page;
}

interface TestWindow {
  compute(options: Options): Promise<Computed>;
  computeInWorker(options: Options): Promise<Computed>;
}

function computeOnPage(page: Page, options: Options = {}): Promise<Computed> {
  return page.evaluate((given) => (window as unknown as TestWindow).compute(given), options);
}

function computeInWorker(page: Page, options: Options = {}): Promise<Computed> {
  return page.evaluate((given) => (window as unknown as TestWindow).computeInWorker(given), options);
}

/** The same program on the same build of the kernels. */
async function computeInNode(variant: string, options: Options): Promise<Computed> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { compute } from './program.js';
       console.log(JSON.stringify(await compute(${JSON.stringify(options)})));`,
    ],
    { cwd: packagePage.project, env: { ...process.env, EGNN_WASM: variant }, maxBuffer: 2 ** 26 },
  );
  return JSON.parse(stdout) as Computed;
}
