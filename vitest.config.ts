import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  resolve: {
    // The playground imports the package by its name.
    alias: [
      { find: /^egnn$/, replacement: path('src/index.ts') },
      { find: /^egnn\/(\w+)$/, replacement: path('src/$1/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/web/global-setup.ts',
    testTimeout: 60_000,
    pool: 'forks',
  },
});
