/**
 * @file Builds and serves the playground. `egnn` is the sources here, so that a change shows at once; paths are
 * relative, so that the built files work below any address.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildEnvironmentOptions, defineConfig } from 'vite';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const { version } = JSON.parse(readFileSync(path('../package.json'), 'utf8')) as { version: string };

/** Threads share memory, which browsers allow to pages that keep other origins out. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** zod has comments for another bundler, which rollup would report. */
const rollupOptions: BuildEnvironmentOptions['rollupOptions'] = {
  onLog(level, log, report) {
    if (log.code !== 'INVALID_ANNOTATION') report(level, log);
  },
};

export default defineConfig({
  root: path('.'),
  base: './',
  resolve: {
    alias: [
      { find: /^egnn$/, replacement: path('../src/index.ts') },
      { find: 'egnn/train', replacement: path('../src/train/browser.ts') },
      { find: /^egnn\/(\w+)$/, replacement: path('../src/$1/index.ts') },
    ],
  },
  worker: { format: 'es', rollupOptions },
  define: {
    'import.meta.env.EGNN_VERSION': JSON.stringify(version),
    'import.meta.env.EGNN_DOCUMENTATION': JSON.stringify(existsSync(path('../tools/site-docs.ts'))),
  },
  build: {
    outDir: path('../site'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rollupOptions,
  },
  server: { headers: isolation },
  preview: { headers: isolation },
});
