// Reports of trainings as the built command line writes them. Skipped when dist/ is not built.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDocument } from 'domino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const COMMAND = fileURLToPath(new URL('../../dist/cli/report.js', import.meta.url));
const SIZE = [
  '--trajectories',
  '40,20,30',
  '--batch-size',
  '10',
  '--hidden',
  '8',
  '--layers',
  '2',
  '--threads',
  '1',
];

describe.skipIf(!existsSync(COMMAND))('reports (skipped when dist/ is not built)', () => {
  let folder: string;
  let environment: NodeJS.ProcessEnv;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'egnn-reports-'));
    environment = { ...process.env, EGNN_CACHE: join(folder, 'cache') };
    train('one', '--epochs', '6');
    train('two', '--epochs', '5', '--model', 'gnn');
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const egnn = (...args: string[]) => {
    const options = { cwd: folder, env: environment, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], options);
    return { status, stdout, stderr };
  };
  const train = (out: string, ...args: string[]) => egnn('train', 'nbody', ...SIZE, '--out', out, ...args);
  const pageAt = (...path: string[]) => createDocument(readFileSync(join(folder, ...path), 'utf8'));
  const titles = (page: Document) =>
    Array.from(page.querySelectorAll('h2'), ({ textContent }) => textContent);
  const recordOf = (run: string) => JSON.parse(readFileSync(join(folder, run, 'report.json'), 'utf8'));

  it('every training leaves one, with predictions, worst cases and equivariance', () => {
    expect(titles(pageAt('one', 'report.html'))).toEqual([
      'Test error',
      'Learning',
      'Prediction against truth',
      'Errors',
      'Worst cases',
      'Equivariance',
      'Configuration',
      'Versions, time and memory',
    ]);
    const { status, measurement, peakMemory } = recordOf('one');
    expect([status, measurement.set, measurement.count, measurement.worst.length]).toEqual([
      'finished',
      'test set',
      30,
      6,
    ]);
    expect(peakMemory).toBeGreaterThan(2 ** 24);
    for (const { error } of measurement.equivariance.errors) expect(error).toBeLessThan(1e-4);
    const { test } = JSON.parse(readFileSync(join(folder, 'one/result.json'), 'utf8'));
    expect(measurement.regressions[0].rootMeanSquaredError).toBeCloseTo(Math.sqrt(test), 4);
  });

  it('egnn report writes the same page again, and the plots as files', () => {
    const before = readFileSync(join(folder, 'one/report.html'), 'utf8');
    rmSync(join(folder, 'one/report.html'));
    const { stdout, status } = egnn('report', 'one', '--svg', 'plots', '--png', 'plots', '--json');
    expect(status).toBe(0);
    const drawn = egnn('report', 'one', '--svg', 'plots', '--png', 'plots').stdout;
    const count = readdirSync(join(folder, 'plots')).length;
    expect(drawn).toBe(`${join('one', 'report.html')}\n${count} plots in plots\n`);
    expect(egnn('report', 'one', '--svg', 'vectors', '--png', 'pixels').stdout).toMatch(
      new RegExp(`\\n${count} plots in vectors, pixels\\n$`),
    );
    expect(readFileSync(join(folder, 'one/report.html'), 'utf8')).toBe(before);
    const { svg, png } = JSON.parse(stdout);
    expect(readdirSync(join(folder, 'plots'))).toHaveLength(svg.length + png.length);
    expect(svg).toContain(join('plots', 'learning-curve.svg'));
    expect(png).toHaveLength(svg.length);
  });

  it('egnn report measures a run that has no record any more', () => {
    const before = recordOf('two').measurement;
    rmSync(join(folder, 'two/report.json'));
    expect(egnn('report', 'two', '--out', 'two.html').stdout).toBe('two.html\n');
    expect(recordOf('two').measurement).toEqual(before);
  });

  it('egnn report compares runs', () => {
    const { stdout, status } = egnn('report', 'one', 'two', 'one', '--out', 'comparison.html');
    expect([status, stdout]).toEqual([0, 'comparison.html\n']);
    const page = pageAt('comparison.html');
    expect(page.querySelector('h1')!.textContent).toBe('3 runs of nbody');
    expect(titles(page)).toEqual(['Results', 'Learning', 'Errors', 'Equivariance', 'Configuration']);
    expect(page.getElementById('results')!.textContent).toContain('(paper: 0.0107)');
  });

  it('egnn evaluate --report measures now', () => {
    const { stdout, status } = egnn(
      'evaluate',
      'one',
      '--report',
      'evaluated.html',
      '--backend',
      'reference',
      '--json',
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout).test).toBeGreaterThan(0);
    expect(titles(pageAt('evaluated.html'))).toContain('Worst cases');
    expect(pageAt('evaluated.html').getElementById('environment')!.textContent).toContain(
      'plain TypeScript in float64',
    );
  });

  it('an interrupted training leaves one on the validation set, and a resumed one replaces it', async () => {
    const args = ['train', 'nbody', ...SIZE, '--epochs', '300', '--out', 'parts', '--json'];
    const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: environment });
    let epochs = 0;
    child.stdout.on('data', (text) => {
      epochs += String(text).split('\n').length - 1;
      // Once: a second Ctrl-C ends the process without waiting for anything.
      if (epochs >= 6 && !child.killed) child.kill('SIGINT');
    });
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(130);
    const { status, measurement } = recordOf('parts');
    expect([status, measurement.set]).toEqual(['interrupted', 'validation set']);
    expect(pageAt('parts', 'report.html').body.textContent).toContain('interrupted: this is how far it came');
    expect(egnn('train', 'nbody', '--resume', 'parts', '--quiet').status).toBe(0);
    expect(recordOf('parts').measurement.set).toBe('test set');
    expect(pageAt('parts', 'report.html').body.textContent).toContain('300 of 300 epochs, finished');
  });

  it('a training that diverges leaves one that says so', () => {
    expect(train('diverging', '--learning-rate', '1e30', '--epochs', '9').status).not.toBe(0);
    expect(recordOf('diverging').status).toBe('failed');
    expect(pageAt('diverging', 'report.html').querySelector('header')!.textContent).toMatch(
      /failed: the .* at step \d+/,
    );
  });

  it('a report that fails is a warning: the run is there, and its exit code is 0', () => {
    mkdirSync(join(folder, 'blocked/report.html'), { recursive: true });
    const { status, stdout, stderr } = train('blocked', '--epochs', '1', '--quiet');
    expect(stderr).toMatch(/^egnn: warning: no report of blocked: .*\n$/);
    expect(stdout).toMatch(/^egnn: test MSE/);
    expect(status).toBe(0);
    expect(readdirSync(join(folder, 'blocked')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('graphs of the autoencoder are drawn, and do not go with particles', () => {
    const args = [
      '--hidden',
      '8',
      '--layers',
      '1',
      '--samples',
      '20',
      '--epochs',
      '2',
      '--quiet',
      '--out',
      'graphs',
    ];
    expect(egnn('train', 'autoencoder', ...args).status).toBe(0);
    const { reconstruction, worst, count } = recordOf('graphs').measurement;
    expect(reconstruction.wrongPairs.reduce((sum: number, graphs: number) => sum + graphs, 0)).toBe(count);
    expect(worst[0].drawing.kind).toBe('graph');
    const { status, stderr } = egnn('report', 'graphs', 'one');
    expect([status, stderr]).toEqual([
      2,
      'egnn: runs of different experiments cannot be compared: autoencoder, nbody\n',
    ]);
  });

  it('has help with examples; a folder that holds no run is named', () => {
    expect(egnn('report', '--help').stdout).toContain('egnn report runs/nbody-egnn');
    const { status, stderr } = egnn('report', 'nowhere');
    expect(stderr).toMatch(/^egnn: nowhere is not the folder of a run/);
    expect(status).not.toBe(0);
  });

  it('costs other commands nothing: what draws is not among what they import', () => {
    const imported = staticImports(MAIN);
    expect(imported.has('commander')).toBe(true);
    for (const name of ['@observablehq/plot', 'domino', '@resvg/resvg-wasm'])
      expect(imported.has(name)).toBe(false);
  });
});

/** What a module imports before it runs, and what that imports: packages by name. */
function staticImports(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  const statements = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?['"]([^'"]+)['"];/gm);
  for (const [, name] of statements)
    if (name.startsWith('.')) staticImports(join(dirname(file), name), found);
    else found.add(name);
  return found;
}
