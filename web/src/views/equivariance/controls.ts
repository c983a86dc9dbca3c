/** @file The controls: which network, which points, and g. */
import { button, choice, numberField, slider, toggle } from '../../components/controls.ts';
import { element } from '../../components/dom.ts';
import { fileButton } from '../../components/file-choice.ts';
import { limits, type NetworkName, type Settings } from './settings.ts';
import { identity, type Transform } from './transform.ts';

export interface ControlActions {
  change(part: Partial<Settings>): void;
  transform(part: Partial<Transform>): void;
  open(file: File): void;
}

export interface Controls {
  readonly element: HTMLElement;
  /** @param file the name of the file that the points came from, if they did */
  show(settings: Settings, file: string | undefined): void;
}

const networks: readonly { readonly value: NetworkName; readonly label: string }[] = [
  { value: 'egnn', label: 'EGNN' },
  { value: 'gnn', label: 'Plain GNN' },
  { value: 'radial-field', label: 'Radial field' },
];

const axes = ['x', 'y', 'z'] as const;

export function createControls(settings: Settings, { change, transform, open }: ControlActions): Controls {
  let shown = settings;
  const model = choice({
    label: 'Network f',
    options: networks,
    value: settings.model,
    onChange: (value) => change({ model: value }),
  });
  const layers = slider({
    label: 'Layers',
    ...limits.layers,
    step: 1,
    value: settings.layers,
    onInput: (value) => change({ layers: value }),
  });
  const dimension = choice({
    label: 'Space',
    options: [
      { value: '2', label: '2D' },
      { value: '3', label: '3D' },
    ],
    value: String(settings.dimension) as '2' | '3',
    onChange: (value) => change({ dimension: value === '2' ? 2 : 3 }),
  });
  const points = slider({
    label: 'Points',
    ...limits.points,
    step: 1,
    value: settings.points,
    onInput: (value) => change({ points: value }),
  });
  const seed = numberField({
    label: 'Seed',
    ...limits.seed,
    value: settings.seed,
    onChange: (value) => change({ seed: value }),
  });
  const source = element('p', { className: 'muted source' });

  const turns = axes.map((name, axis) =>
    slider({
      label: `Turn, ${name}`,
      ...limits.angle,
      step: 1,
      value: 0,
      format: (degrees) => `${degrees.toFixed(0)}°`,
      onInput: (value) => transform({ angles: replaced(shown.transform.angles, axis, value) }),
    }),
  );
  const shifts = axes.map((name, axis) =>
    slider({
      label: `Shift, ${name}`,
      ...limits.shift,
      step: 0.05,
      value: 0,
      format: (value) => value.toFixed(2),
      onInput: (value) => transform({ shift: replaced(shown.transform.shift, axis, value) }),
    }),
  );
  const mirror = toggle('Mirror', false, (pressed) => transform({ mirror: pressed }));
  const shuffle = button('Shuffle', () =>
    transform({ shuffle: (shown.transform.shuffle % limits.seed.max) + 1 }),
  );
  const order = element('span', { className: 'muted' });
  const reset = button('Reset g', () => transform(identity));

  const network = element('div', { className: 'panel stack' }, model.element, layers.element);
  const transformation = element(
    'section',
    { className: 'panel stack', attributes: { 'aria-label': 'Transformation g' } },
    element('h2', {}, 'Transformation g'),
    element('div', { className: 'pairs' }, ...turns.flatMap((turn, k) => [turn.element, shifts[k].element])),
    element('div', { className: 'row' }, mirror.element, shuffle, reset),
    order,
  );
  const cloud = element(
    'section',
    { className: 'panel stack', attributes: { 'aria-label': 'Points x' } },
    element('h2', {}, 'Points x'),
    dimension.element,
    element('div', { className: 'pairs' }, points.element, seed.element),
    element(
      'div',
      { className: 'row' },
      button('New points', () => change({ seed: (shown.seed + 1) % (limits.seed.max + 1) })),
      fileButton({ label: 'Open a file …', accept: '.xyz,.csv,.npz', onFile: open }),
    ),
    source,
  );
  const show = (next: Settings, file: string | undefined) => {
    shown = next;
    const flat = next.dimension === 2;
    model.set(next.model);
    layers.set(next.layers);
    dimension.set(flat ? '2' : '3');
    points.set(next.points);
    seed.set(next.seed);
    for (const [axis, turn] of turns.entries()) {
      turn.set(next.transform.angles[axis]);
      turn.element.hidden = flat && axis !== 2;
    }
    for (const [axis, shift] of shifts.entries()) {
      shift.set(next.transform.shift[axis]);
      shift.element.hidden = flat && axis === 2;
    }
    mirror.set(next.transform.mirror);
    order.textContent =
      next.transform.shuffle > 0 ? `Order of the points: shuffle ${next.transform.shuffle}.` : '';
    order.hidden = next.transform.shuffle === 0;
    source.textContent = file
      ? `From ${file}, moved to the origin and scaled. Other points: change a number above.`
      : 'Drawn from a normal distribution. A file may be dropped on the pictures: xyz, CSV or npz.';
  };
  show(settings, undefined);
  return { element: element('div', { className: 'stack' }, network, transformation, cloud), show };
}

function replaced(values: readonly [number, number, number], axis: number, value: number) {
  const [x, y, z] = values.map((old, k) => (k === axis ? value : old));
  return [x, y, z] as const;
}
