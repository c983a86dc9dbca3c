/** @file Which model predicts: the one that ships with the page, or one from files. */
import { element } from '../../components/dom.ts';
import { filesButton } from '../../components/several-files.ts';
import type { ModelFacts } from './types.ts';

export interface ModelPanel {
  readonly element: HTMLElement;
  loading(): void;
  show(name: string, model: ModelFacts): void;
  /** There is no model; `problem` says why one could not be opened. */
  missing(problem?: string): void;
}

const HOW: readonly (string | readonly [code: string])[] = [
  'Choose or drop a model folder (',
  ['model.safetensors'],
  ' and ',
  ['config.json'],
  ' together), or one .safetensors file with its configuration in it. ',
  ['egnn train qm9'],
  ' trains one, ',
  ['egnn export RUN --to safetensors'],
  ' packs it.',
];

function how(): (string | Node)[] {
  return HOW.map((part) => (typeof part === 'string' ? part : element('code', {}, part[0])));
}

export function createModelPanel(onFiles: (files: File[]) => void): ModelPanel {
  const text = element('p', { attributes: { role: 'status' } });
  const problem = element('p', { className: 'notice error', hidden: true, attributes: { role: 'alert' } });
  const choose = filesButton({
    label: 'Open a model',
    accept: '.safetensors,.json',
    onFiles,
  });
  const panel = element(
    'section',
    { className: 'panel stack', attributes: { 'aria-label': 'Model' } },
    element('h2', {}, 'Model'),
    problem,
    text,
    element('div', { className: 'row' }, choose),
  );
  const fail = (message: string | undefined) => {
    problem.textContent = message ?? '';
    problem.hidden = message === undefined;
  };
  return {
    element: panel,
    loading() {
      fail(undefined);
      text.textContent = 'Loading the model …';
    },
    show(name, { elements, layers, parameters, attention, outputs }) {
      fail(undefined);
      text.replaceChildren(
        element('strong', {}, name),
        `: ${outputs.length} ${outputs.length === 1 ? 'property' : 'properties'} of molecules of ${elements.join(', ')}; ` +
          `${layers} layers${attention ? ' with attention' : ''}, ${parameters.toLocaleString('en')} parameters.`,
      );
    },
    missing(message) {
      fail(message);
      text.replaceChildren(message === undefined ? 'No model is open. ' : '', ...how());
    },
  };
}
