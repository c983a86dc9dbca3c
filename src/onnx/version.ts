/** The package's version as exported files name it. A constant, because a browser has no package.json to read. */
export const version = '0.1.0';
