/** @file A figure of a report: a plot that can be drawn in the page's colours or in those of a file of its own. */
import * as Plot from '@observablehq/plot';
import { createDocument } from 'domino';
import type { Theme } from './theme.ts';

export interface Figure {
  /** Its anchor, and the name of its file: `learning-curve`. */
  readonly name: string;
  readonly title: string;
  /** What is to be seen, for those who cannot. */
  readonly description: string;
  /** Below the figure. */
  readonly caption?: string;
  /** Small ones stand side by side. */
  readonly small?: boolean;
  draw(theme: Theme): SVGSVGElement;
}

/** One for all plots: it only makes elements. */
const page = createDocument();
/** Geometry, in which two digits after the point are a hundredth of a pixel. */
const GEOMETRY = ['d', 'transform', 'x', 'y', 'x1', 'y1', 'x2', 'y2', 'cx', 'cy', 'r', 'width', 'height'];

/** Plots without a document of their own, without a style sheet of their own, in numbers of two digits. */
export function plot(theme: Theme, options: Plot.PlotOptions): SVGSVGElement {
  const svg = Plot.plot({
    ...options,
    document: page,
    style: { color: theme.ink, fontSize: '12px' },
  }) as SVGSVGElement;
  svg.querySelector('style')?.remove();
  svg.removeAttribute('class');
  for (const element of Array.from(svg.querySelectorAll('*')))
    for (const name of GEOMETRY) {
      const value = element.getAttribute(name);
      if (value?.includes('.')) element.setAttribute(name, value.replace(/-?\d*\.\d+(e-?\d+)?/g, shortened));
    }
  return svg;
}

function shortened(number: string): string {
  return String(Number(Number(number).toFixed(2)));
}

/** What is in a plot, in a row above it: a plot with `marginTop` of 34 has room for it. */
export function legend(
  entries: readonly {
    readonly label: string;
    readonly colour: string;
    readonly symbol: 'line' | 'dot' | 'ring';
  }[],
): Plot.Markish[] {
  let left = 0;
  return entries.flatMap(({ label, colour, symbol }) => {
    const at = { frameAnchor: 'top-left', dy: -18 } as const;
    const swatch =
      symbol === 'line'
        ? Plot.text(['—'], { ...at, dx: left, fill: colour, fontWeight: 'bold', textAnchor: 'start' })
        : Plot.dot([0], {
            ...at,
            dx: left + 6,
            dy: -12,
            r: 3.5,
            ...(symbol === 'dot' ? { fill: colour } : { stroke: colour }),
          });
    const text = Plot.text([label], { ...at, dx: left + 16, textAnchor: 'start' });
    // Letters of a text of 12 pixels are about 6.5 wide.
    left += 34 + 6.5 * label.length;
    return [swatch, text];
  });
}
