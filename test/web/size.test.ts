/** @file What a visitor's first look costs: everything that the start page loads, the engine included, compressed. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, inject, test } from 'vitest';
import { serveFolder } from '../../tools/web/static-server.ts';
import { describeInBrowser, startBrowser } from './browser.ts';

const LIMIT = 300_000;

describeInBrowser('the initial download', () => {
  test(`is below ${LIMIT} bytes compressed`, async () => {
    const files = new Set<string>();
    const server = await serveFolder(async () => inject('site').folder, {
      isolated: true,
      onFile: (file) => files.add(file),
    });
    const context = await (await startBrowser()).newContext();
    const page = await context.newPage();
    await page.goto(server.address);
    await page.waitForSelector('#status[data-threads]');
    const names = [...files].map((file) => file.slice(inject('site').folder.length + 1));
    expect(names).toContain('index.html');
    expect(names.some((name) => name.includes('kernels-'))).toBe(true);
    const sizes = [...files].map((file) => gzipSync(readFileSync(file)).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(LIMIT);
    await context.close();
    await server.close();
  });
});
