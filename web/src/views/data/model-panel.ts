/** @file Which model the graph goes through: a random EGNN with options, the shipped N-body model, or one from files. */
import { choice, numberField } from '../../components/controls.ts';
import { element } from '../../components/dom.ts';
import { filesButton } from '../../components/several-files.ts';
import { limits, type ModelKind, numberOptions, type Settings } from './settings.ts';

export interface ModelPanel {
  readonly element: HTMLElement;
  show(settings: Settings): void;
  /** What the opened model is, or what is wrong with it. */
  say(text: string, isProblem?: boolean): void;
}

const labels: Readonly<Record<(typeof numberOptions)[number], string>> = {
  layers: 'Layers',
  hiddenFeatures: 'Hidden features',
  outputFeatures: 'Output features',
  coordinateWeight: 'Coordinate weight',
  seed: 'Seed',
};

export function createModelPanel(
  settings: Settings,
  on: { change(part: Partial<Settings>): void; files(files: File[]): void; isShipped: boolean },
): ModelPanel {
  let current = settings;
  const kind = choice<ModelKind>({
    label: 'Model',
    options: [
      { value: 'random', label: 'Random EGNN' },
      ...(on.isShipped ? [{ value: 'nbody', label: 'N-body' } as const] : []),
      { value: 'opened', label: 'From files' },
    ],
    value: settings.model,
    onChange: (model) => on.change({ model }),
  });
  const numbers = numberOptions.map((name) => ({
    name,
    field: numberField({
      label: labels[name],
      ...limits[name],
      value: settings.options[name],
      onChange: (value) => on.change({ options: { ...current.options, [name]: value } }),
    }),
  }));
  const flags = (['attention', 'normalize', 'tanh'] as const).map((name) => {
    const input = element('input', { type: 'checkbox', checked: settings.options[name] });
    input.addEventListener('change', () =>
      on.change({ options: { ...current.options, [name]: input.checked } }),
    );
    return { name, input, label: element('label', {}, input, name) };
  });
  const random = element(
    'div',
    { className: 'stack' },
    element('div', { className: 'pairs' }, ...numbers.map(({ field }) => field.element)),
    element('div', { className: 'row' }, ...flags.map(({ label }) => label)),
    element(
      'p',
      { className: 'muted note' },
      'Weights are drawn from the seed; widths of X, A and V follow from the data. First weights are small, so the coordinate weight makes the moves large enough to see.',
    ),
  );
  const about = element('p', { className: 'note', attributes: { role: 'status' } });
  const open = element(
    'div',
    { className: 'stack' },
    element(
      'p',
      { className: 'muted note' },
      'Choose or drop model.safetensors and config.json together, or one .safetensors file with its configuration in it.',
    ),
    element(
      'div',
      { className: 'row' },
      filesButton({ label: 'Open a model', accept: '.safetensors,.json', onFiles: on.files }),
    ),
  );
  return {
    element: element(
      'section',
      { className: 'panel stack', attributes: { 'aria-label': 'Model' } },
      kind.element,
      random,
      open,
      about,
    ),
    show(next) {
      current = next;
      kind.set(next.model);
      for (const { name, field } of numbers) field.set(next.options[name]);
      for (const { name, input } of flags) input.checked = next.options[name];
      random.hidden = next.model !== 'random';
      open.hidden = next.model !== 'opened';
      about.hidden = next.model === 'random';
    },
    say(text, isProblem = false) {
      about.textContent = text;
      about.classList.toggle('bad', isProblem);
    },
  };
}
