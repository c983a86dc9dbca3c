/** @file The `egnn` command for tests that hurt it: from the sources where Node runs TypeScript, else as built. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const canRunSources = Boolean(process.features.typescript);

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
export const MAIN = at(canRunSources ? 'src/cli/main.ts' : 'dist/cli/main.js');
export const canRun = existsSync(MAIN);
