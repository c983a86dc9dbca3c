/**
 * @file `npm run bench:web`: the playground in chromium. What the first look costs, how soon there is something to see and
 * to use, training steps a second beside Node on the same machine, and frames a second while the page trains.
 *
 *   npm run bench:web -- [--part loading] [--part training] [--part frames] [--rounds N] [--seconds S] [--json]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { arch, availableParallelism, cpus, loadavg, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium } from 'playwright-core';
import { buildPlayground } from '../tools/web/build.ts';
import { compareTraining } from './web/compare-training.ts';
import { measureFrames } from './web/frames.ts';
import { measureLoading } from './web/loading.ts';
import type { Row } from './web/row.ts';

const executablePath = process.env.EGNN_CHROMIUM ?? '/usr/bin/chromium';

const partNames = ['loading', 'training', 'frames'] as const;

function readOptions() {
  const { values } = parseArgs({
    options: {
      part: { type: 'string', multiple: true, default: [...partNames] },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const unknown = values.part.find((part) => !partNames.includes(part as (typeof partNames)[number]));
  if (unknown !== undefined)
    throw new RangeError(`--part must be one of ${partNames.join(', ')}; got ${unknown}`);
  const positive = (name: 'rounds' | 'seconds', fallback: number) => {
    const value = Number(values[name] ?? fallback);
    if (!(value > 0)) throw new RangeError(`--${name} must be a positive number; got ${values[name]}`);
    return value;
  };
  return {
    parts: values.part,
    rounds: Math.ceil(positive('rounds', 5)),
    seconds: positive('seconds', 2),
    json: values.json,
  };
}

async function main(): Promise<void> {
  const { parts, rounds, seconds, json } = readOptions();
  const folder = mkdtempSync(join(tmpdir(), 'egnn-site-'));
  let browser: Browser | undefined;
  try {
    await buildPlayground(folder);
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'],
    });
    const conditions = {
      machine: `${cpus()[0].model}, ${availableParallelism()} cores, ${platform()} ${arch()}`,
      browser: `chromium ${browser.version()}`,
      node: process.version,
      load: loadavg()[0],
    };
    const rows: Row[] = [];
    if (parts.includes('loading')) rows.push(...(await measureLoading(browser, folder, rounds)));
    if (parts.includes('training')) rows.push(...(await compareTraining(browser, rounds, seconds)));
    if (parts.includes('frames')) rows.push(...(await measureFrames(browser, folder, rounds, seconds)));
    if (json) console.log(JSON.stringify({ conditions, rows }, undefined, 2));
    else {
      console.log(
        Object.entries(conditions)
          .map(([name, value]) => `* ${name}: ${value}`)
          .join('\n'),
      );
      console.log(
        [
          '',
          '| what | figure |',
          '|---|---|',
          ...rows.map(({ what, figure }) => `| ${what} | ${figure} |`),
        ].join('\n'),
      );
    }
  } finally {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  console.error(`bench:web: ${(error as Error).message}`);
  process.exitCode = 1;
}
