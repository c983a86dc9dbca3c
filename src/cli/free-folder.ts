/** @file A folder under `runs` that does not exist yet: the name, else the name with a number. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export function freeFolder(name: string): string {
  for (let number = 1; ; number++) {
    const folder = join('runs', number === 1 ? name : `${name}-${number}`);
    if (!existsSync(folder)) return folder;
  }
}
