/** @file The plots of a report as files, each on its own: SVG, or PNG of twice the size. */
import { join } from 'node:path';
import { makeFolder, writeWholeFile } from '../files.ts';
import type { Figure } from './figure.ts';
import { describe } from './page.ts';
import { startPngRenderer } from './png.ts';
import { paper } from './theme.ts';

/** @returns the files' paths */
export async function writeSvgFiles(figures: readonly Figure[], folder: string): Promise<string[]> {
  return writeAll(figures, folder, 'svg', standaloneSvg);
}

/** @returns the files' paths @throws MissingPackageError saying which packages PNG needs */
export async function writePngFiles(figures: readonly Figure[], folder: string): Promise<string[]> {
  const render = await startPngRenderer();
  return writeAll(figures, folder, 'png', (figure) => render(standaloneSvg(figure)));
}

async function writeAll(
  figures: readonly Figure[],
  folder: string,
  ending: string,
  make: (figure: Figure) => string | Uint8Array,
): Promise<string[]> {
  await makeFolder(folder);
  const paths: string[] = [];
  for (const figure of figures) {
    const path = join(folder, `${figure.name}.${ending}`);
    await writeWholeFile(path, make(figure));
    paths.push(path);
  }
  return paths;
}

/** Room for the title above a plot. */
const TITLE = 26;

/** In the colours of paper, on paper, with its title above it. */
export function standaloneSvg(figure: Figure): string {
  const svg = describe(figure, figure.draw(paper));
  const [width, height] = ['width', 'height'].map((name) => Number(svg.getAttribute(name)));
  const append = (name: string, attributes: Record<string, string | number>, text = '') => {
    const element = svg.ownerDocument.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    element.textContent = text;
    // Behind the plot, after what is read out in its place.
    svg.insertBefore(element, svg.querySelector('g'));
  };
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('height', String(height + TITLE));
  svg.setAttribute('viewBox', `0 ${-TITLE} ${width} ${height + TITLE}`);
  append('rect', { y: -TITLE, width, height: height + TITLE, fill: paper.background });
  append(
    'text',
    { x: 8, y: -8, 'text-anchor': 'start', 'font-size': 13, 'font-weight': 'bold' },
    figure.title,
  );
  return `${svg.outerHTML}\n`;
}
