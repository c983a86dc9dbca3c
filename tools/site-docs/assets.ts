/** @file The pages' script, style and fonts, bundled: nothing comes from elsewhere. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** @param folder where page.js, page.css and what they load go; emptied first */
export async function buildAssets(root: string, folder: string): Promise<void> {
  await build({
    root: fileURLToPath(new URL('.', import.meta.url)),
    configFile: false,
    logLevel: 'warn',
    base: './',
    publicDir: false,
    plugins: [{ name: 'woff2-alone', enforce: 'pre', transform: woff2Alone }],
    build: {
      outDir: folder,
      emptyOutDir: true,
      assetsDir: '.',
      target: 'es2022',
      modulePreload: { polyfill: false },
      cssCodeSplit: false,
      rollupOptions: {
        input: fileURLToPath(new URL('./client.ts', import.meta.url)),
        output: {
          entryFileNames: 'page.js',
          chunkFileNames: '[name].js',
          assetFileNames: ({ names }) => (names[0].endsWith('.css') ? 'page.css' : '[name][extname]'),
        },
      },
    },
  });
  copyFileSync(join(root, 'web', 'public', 'icon.svg'), join(folder, 'icon.svg'));
}

/** KaTeX names each font in three formats; every browser that runs the site reads the smallest. */
function woff2Alone(code: string, id: string): string | undefined {
  if (!id.includes('katex')) return undefined;
  return code.replace(/,\s*url\([^)]*\.(woff|ttf)\)\s*format\(["'][^"']*["']\)/g, '');
}
