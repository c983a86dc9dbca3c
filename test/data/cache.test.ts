// Which folder the cache is, on each system.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cacheFolder } from '../../src/data/cache.ts';

it('takes EGNN_CACHE before XDG_CACHE_HOME before what the system is used to', () => {
  const environment = { EGNN_CACHE: '/a', XDG_CACHE_HOME: '/b' };
  expect(cacheFolder(environment, 'linux')).toBe('/a');
  expect(cacheFolder({ ...environment, EGNN_CACHE: '' }, 'linux')).toBe(join('/b', 'egnn'));
  expect(cacheFolder({}, 'linux')).toBe(join(homedir(), '.cache', 'egnn'));
  expect(cacheFolder({}, 'darwin')).toBe(join(homedir(), 'Library', 'Caches', 'egnn'));
  expect(cacheFolder({ LOCALAPPDATA: '/local' }, 'win32')).toBe(join('/local', 'egnn', 'Cache'));
});
