/**
 * @file Where a worker's script lies.
 *
 * Workers start from a JavaScript file. In the built package that file is next to the module that asks; when the
 * asking module itself runs as TypeScript source, as under vitest, it is the built counterpart under `dist/`.
 */

/**
 * The URL of a worker script.
 * @param name the script as seen from the asking module, with the ending it has when built: `'./worker.js'`
 * @param base the asking module's `import.meta.url`
 */
export function workerUrl(name: string, base: string): URL {
  if (!base.endsWith('.ts')) return new URL(name, base);
  const source = base.lastIndexOf('/src/');
  return new URL(name, `${base.slice(0, source)}/dist/${base.slice(source + '/src/'.length)}`);
}
