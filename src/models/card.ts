/** @file A model card: what a model is, what goes in and comes out, and what is not known of it. */
import type { ModelConfig } from './config.ts';

interface CardFacts {
  readonly name: string;
  readonly config: ModelConfig;
  readonly parameterCount: number;
  /** How it was trained, its errors and licence, as Markdown; not known if left out. */
  readonly about?: string;
}

/** Markdown for the README.md of a model folder. */
export function modelCard({ name, config, parameterCount, about }: CardFacts): string {
  const { network, source } = config;
  const { kind, ...options } = network;
  const lines = [
    `# ${name}`,
    '',
    `A network of kind \`${kind}\` with ${parameterCount.toLocaleString('en')} parameters, for the package egnn.`,
    '',
    ...(source
      ? [
          `Imported from ${source.file ? `\`${source.file}\`` : 'a checkpoint'}, architecture \`${source.architecture}\`.`,
          '',
        ]
      : []),
    '| option | value |',
    '|---|---|',
    ...Object.entries(options).map(([option, value]) => `| ${option} | \`${JSON.stringify(value)}\` |`),
    '',
    '## Inputs',
    '',
    inputs(config),
    '',
    '## Outputs',
    '',
    ...outputs(config),
    '',
    ...(source && source.assumed.length > 0
      ? [
          '## Assumed',
          '',
          'The weights do not tell these options. If predictions are not what they should be, import again and set them.',
          '',
          ...source.assumed.map((line) => `* ${line}`),
          '',
        ]
      : []),
    '## Use',
    '',
    '```ts',
    "import { loadModel } from 'egnn/models';",
    '',
    "const model = await loadModel('path/of/this/folder');",
    '```',
    '',
    about ??
      '## To be filled in by whoever publishes it\n\n' +
        'Training data, licence, errors on a test set, and what it must not be used for are not known to the importer.',
    '',
  ];
  return lines.join('\n');
}

function inputs({ network, atoms, edges, vectorField }: ModelConfig): string {
  const pairs = edges === 'complete' ? 'all pairs of nodes' : 'all pairs of nodes, and each node with itself';
  const field = vectorField
    ? ` It is a vector field: features are followed by ${vectorField.time ? 'the time and ' : ''}${vectorField.context} context columns.`
    : '';
  if (!atoms)
    return `Graphs with ${'inputFeatures' in network ? network.inputFeatures : 'no'} features a node; without edges given, ${pairs}.${field}`;
  return `Molecules of ${atoms.elements.join(', ')}, positions in angstrom; edges: ${pairs}. Features of an atom: its element's (Z / ${atoms.maximumCharge})^p for p in ${JSON.stringify(atoms.chargePowers)}.${field}`;
}

function outputs({ network, outputs: named }: ModelConfig): string[] {
  if (!named)
    return network.kind === 'egnn' && network.readout
      ? [`${network.readout.outputs} numbers a graph, without a name or unit.`]
      : ['Features and coordinates of the nodes.'];
  return [
    '| output | unit | mean + scale x raw | mean absolute error (test) |',
    '|---|---|---|---|',
    ...named.map(
      ({ name, unit = '', mean, scale, testError }) =>
        `| ${name} | ${unit} | ${mean} + ${scale} x raw | ${testError ?? 'not known'} |`,
    ),
  ];
}
