/** @file The program that computes what the view shows for a random network. */
import type { EGNNConfig } from 'egnn';

/** TypeScript that logs h and x. */
export function programOf(options: EGNNConfig, matrices: readonly string[]): string {
  const config = Object.entries(options)
    .map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`)
    .join('\n');
  return [
    "import { EGNN, startEngine } from 'egnn';",
    '',
    'const engine = await startEngine();',
    `const model = new EGNN(engine, {\n${config}\n});`,
    `const { h, x } = await model.predict({ ${matrices.join(', ')} });`,
  ].join('\n');
}
