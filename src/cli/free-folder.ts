/** @file A folder that does not exist yet, under `runs` or `models`: the name, else the name with a number. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export function freeFolder(name: string, under = 'runs'): string {
  for (let number = 1; ; number++) {
    const folder = join(under, number === 1 ? name : `${name}-${number}`);
    if (!existsSync(folder)) return folder;
  }
}
