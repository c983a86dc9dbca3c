/**
 * @file SVG to PNG, by resvg in WebAssembly, with a typeface of its own: results do not depend on what is installed. The
 * two packages are several MB and few people need them, so they are not installed with this one.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** Pixels a unit of the plot. */
const SCALE = 2;
const RENDERER = '@resvg/resvg-wasm';
const TYPEFACE = '@fontsource/open-sans';
const WEIGHTS = [400, 700].map((weight) => `${TYPEFACE}/files/open-sans-latin-${weight}-normal.woff2`);

/** A package that is only needed for this is not installed. */
class MissingPackageError extends Error {
  override name = 'MissingPackageError';
}

type Render = (svg: string) => Uint8Array;
let renderer: Promise<Render> | undefined;

/** @throws MissingPackageError */
export function startPngRenderer(): Promise<Render> {
  renderer ??= start();
  return renderer;
}

async function start(): Promise<Render> {
  const { resolve } = createRequire(import.meta.url);
  let files: readonly string[];
  try {
    files = [`${RENDERER}/index_bg.wasm`, ...WEIGHTS].map((file) => resolve(file));
  } catch {
    throw new MissingPackageError(`PNG needs two more packages: npm install ${RENDERER} ${TYPEFACE}`);
  }
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  const [wasm, ...fontBuffers] = await Promise.all(files.map((file) => readFile(file)));
  await initWasm(wasm);
  return (svg) =>
    new Resvg(svg, {
      font: { fontBuffers, defaultFontFamily: 'Open Sans', sansSerifFamily: 'Open Sans' },
      fitTo: { mode: 'zoom', value: SCALE },
    })
      .render()
      .asPng();
}
