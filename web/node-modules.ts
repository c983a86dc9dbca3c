/**
 * @file The parts of the package that read folders or start processes import Node's modules. The page never runs them,
 * and a bundler has to resolve them all the same: here to modules of the same names that say what happened when called.
 */
import { builtinModules } from 'node:module';
import type { Plugin } from 'vite';

const PREFIX = '\0browser:';

export function nodeModules(): Plugin {
  return {
    name: 'node-modules',
    enforce: 'pre',
    resolveId(source) {
      return source.startsWith('node:') && builtinModules.includes(source.slice(5))
        ? `${PREFIX}${source}`
        : undefined;
    },
    async load(id) {
      if (!id.startsWith(PREFIX)) return undefined;
      const source = id.slice(PREFIX.length);
      const names = Object.keys((await import(source)) as object).filter((name) => name !== 'default');
      return [
        `const missing = (name) => () => { throw new Error(name + ' of ${source} does not exist in a browser'); };`,
        ...names.map((name) => `export const ${name} = /* @__PURE__ */ missing('${name}');`),
      ].join('\n');
    },
  };
}
