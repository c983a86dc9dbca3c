// Plots as files, and report.json.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createDocument } from 'domino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { standaloneSvg, writePngFiles, writeSvgFiles } from '../../src/report/plot-files.ts';
import { readRecord, saveRecord } from '../../src/report/record.ts';
import { figuresOf } from '../../src/report/report.ts';
import { runReport } from '../../src/report/run-report.ts';
import { measurementOf, recordOf, runOf } from './runs.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'egnn-report-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const figures = figuresOf(runReport(runOf()));

describe('SVG files', () => {
  it('are one a plot, each complete: its own colours, its title, its namespace', async () => {
    const paths = await writeSvgFiles(figures, join(folder, 'svg'));
    expect(readdirSync(join(folder, 'svg')).toSorted()).toEqual(
      paths.map((path) => basename(path)).toSorted(),
    );
    expect(paths.length).toBe(figures.length);
    for (const [k, path] of paths.entries()) {
      const text = readFileSync(path, 'utf8');
      expect(text).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
      expect(text).not.toContain('var(');
      const shown = Array.from(createDocument(text).querySelectorAll('text'), (node) => node.textContent);
      expect(shown).toContain(figures[k].title);
    }
  });
});

describe('PNG files', () => {
  it('have twice the size of the plot, and letters', async () => {
    const [figure] = figures;
    const size = async (title: string) => {
      const [path] = await writePngFiles([{ ...figure, title }], join(folder, 'png'));
      return readFileSync(path);
    };
    const png = await size('Learning curve');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    const svg = standaloneSvg(figure);
    const [width, height] = ['width', 'height'].map((name) =>
      Number(new RegExp(` ${name}="(\\d+)"`).exec(svg)![1]),
    );
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([2 * width, 2 * height]);
    // Without a typeface all titles would look the same.
    expect((await size('Another title')).equals(png)).toBe(false);
  });
});

describe('report.json', () => {
  it('comes back as it was', async () => {
    const record = recordOf({ measurement: measurementOf(100) });
    await saveRecord(folder, record);
    expect(await readRecord(folder)).toEqual(record);
  });

  it.each([
    '',
    '{',
    '[]',
    '{"format": "egnn-report", "version": 2}',
    '{"format": "egnn-report", "version": 1}',
  ])('counts as absent when it is %j', async (text) => {
    writeFileSync(join(folder, 'report.json'), text);
    expect(await readRecord(folder)).toBeUndefined();
  });
});
