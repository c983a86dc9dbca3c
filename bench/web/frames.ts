/** @file Frames a second of the page while it trains on all threads. */
import type { Browser } from 'playwright-core';
import { serveFolder } from '../../tools/web/static-server.ts';
import { type Row, row } from './row.ts';

export async function measureFrames(
  browser: Browser,
  folder: string,
  rounds: number,
  seconds: number,
): Promise<Row[]> {
  const server = await serveFolder(async () => folder, { isolated: true });
  const page = await browser.newPage();
  try {
    const idle: number[] = [];
    const training: number[] = [];
    await page.goto(`${server.address}#/nbody`);
    await page.waitForSelector('#view:not([aria-busy]) > .view > *');
    for (let round = 0; round < rounds; round++) idle.push(await page.evaluate(countFrames, 1000 * seconds));
    await page
      .getByRole('button', { name: /^train/i })
      .first()
      .click();
    await page
      .getByText(/steps (a|per) second|steps\/s/)
      .first()
      .waitFor({ timeout: 120_000 });
    for (let round = 0; round < rounds; round++)
      training.push(await page.evaluate(countFrames, 1000 * seconds));
    return [
      row('N-body view, idle', idle, 'frames/s'),
      row('N-body view while it trains', training, 'frames/s'),
    ];
  } finally {
    await page.close();
    await server.close();
  }
}

/** In the page: frames a second over this many milliseconds. */
function countFrames(milliseconds: number): Promise<number> {
  return new Promise((resolve) => {
    let frames = 0;
    let began: number | undefined;
    const frame = (now: number) => {
      began ??= now;
      if (now - began >= milliseconds) {
        resolve((1000 * frames) / (now - began));
        return;
      }
      frames++;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}
