/** @file Training steps a second of the paper's N-body model: the built package in a browser's worker and in Node, in turn. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { buildPackagePage, type PackagePage } from '../../tools/web/build.ts';
import { serveFolder } from '../../tools/web/static-server.ts';
import { type Row, row } from './row.ts';

interface Options {
  readonly threads: number;
  readonly seconds: number;
  readonly rounds: number;
}

interface Measured {
  readonly speeds: readonly number[];
}

/** The build of the kernels that browsers run, and the one that only Node can. */
const builds = ['relaxed', 'revectorized'];

export async function compareTraining(browser: Browser, rounds: number, seconds: number): Promise<Row[]> {
  const packagePage = await buildPackagePage(fileURLToPath(new URL('.', import.meta.url)));
  const server = await serveFolder(async () => packagePage.built, { isolated: true });
  const page = await browser.newPage();
  const speeds = new Map<string, number[]>();
  const note = (side: string, measured: Measured) =>
    speeds.set(side, [...(speeds.get(side) ?? []), ...measured.speeds]);
  try {
    await page.goto(server.address);
    await page.waitForFunction(() => 'measureTraining' in window);
    for (let round = 0; round < rounds; round++)
      for (const threads of [1, 2]) {
        const options = { threads, seconds, rounds: 1 };
        const many = `${threads} thread${threads === 1 ? '' : 's'}`;
        note(
          `chromium, ${many}`,
          await page.evaluate(
            (given) =>
              (window as unknown as { measureTraining(o: Options): Promise<Measured> }).measureTraining(
                given,
              ),
            options,
          ),
        );
        for (const build of builds)
          note(`Node, ${build} build, ${many}`, await measureInNode(packagePage, build, options));
      }
  } finally {
    await page.close();
    await server.close();
    packagePage.remove();
  }
  return [...speeds].map(([side, samples]) => row(`N-body training, batch 100: ${side}`, samples, 'steps/s'));
}

async function measureInNode({ project }: PackagePage, build: string, options: Options): Promise<Measured> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { measureTraining } from './training.js';
       console.log(JSON.stringify(await measureTraining(${JSON.stringify(options)})));`,
    ],
    { cwd: project, env: { ...process.env, EGNN_WASM: build } },
  );
  return JSON.parse(stdout) as Measured;
}
