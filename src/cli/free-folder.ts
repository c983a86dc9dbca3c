/** @file Folders and files that a command is to make. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './errors.ts';

/** One that does not exist yet, under `runs` or `models`: the name, else the name with a number. */
export function freeFolder(name: string, under = 'runs'): string {
  for (let number = 1; ; number++) {
    const folder = join(under, number === 1 ? name : `${name}-${number}`);
    if (!existsSync(folder)) return folder;
  }
}

/** Called before there is anything to put into it. @throws UsageError if it is a file */
export function expectFolder(path: string | undefined): void {
  if (path !== undefined && existsSync(path) && !statSync(path).isDirectory())
    throw new UsageError(`${path} is a file; give the name of a folder`);
}

/** Called before there is anything to put into it. @throws UsageError if it is a folder */
export function expectFile(path: string | undefined): void {
  if (path !== undefined && existsSync(path) && statSync(path).isDirectory())
    throw new UsageError(`${path} is a folder; give the name of a file`);
}
