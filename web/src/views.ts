/** @file The views and how to load them. A view is loaded when its address is first visited. */
import type { View } from './view.ts';

export interface ViewEntry {
  /** As in its address and its folder. */
  readonly name: string;
  readonly title: string;
  /** One sentence for the start page. */
  readonly summary: string;
  load(): Promise<View>;
}

const modules: Readonly<Record<string, (() => Promise<View>) | undefined>> = import.meta.glob<View>(
  './views/*/index.ts',
  { import: 'view' },
);

const texts: readonly Omit<ViewEntry, 'load'>[] = [
  {
    name: 'equivariance',
    title: 'Equivariance',
    summary: 'Turn, shift, mirror or shuffle points, and see the output of the network move along with them.',
  },
  {
    name: 'layer',
    title: 'Inside a layer',
    summary:
      'Follow one node through one layer, number by number: messages, forces along edges, the moved point.',
  },
  {
    name: 'nbody',
    title: 'N-body',
    summary:
      'Charged particles 1,000 steps ahead: simulator against network. Train the paper’s model in this tab.',
  },
  {
    name: 'molecules',
    title: 'Molecules',
    summary: 'Draw a conformer from a SMILES string or a file, and predict its properties.',
  },
  {
    name: 'data',
    title: 'Your data',
    summary: 'Paste or drop your own features, coordinates and edges, and run a model on them.',
  },
];

export const views: readonly ViewEntry[] = texts.flatMap((text) => {
  const load = modules[`./views/${text.name}/index.ts`];
  return load ? [{ ...text, load }] : [];
});
