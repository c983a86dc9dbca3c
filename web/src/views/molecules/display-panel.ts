/** @file What is drawn over the molecule: nothing, the attention of a layer, or the atoms' contributions to a property. */
import { button, choice, slider, toggle } from '../../components/controls.ts';
import { element } from '../../components/dom.ts';
import { atomName } from './atom-name.ts';
import { formatSmall, formatUnit, formatValue } from './numbers.ts';
import { propertyName } from './property-names.ts';
import type { Settings } from './settings.ts';
import type { Explanation, ModelFacts, MoleculeData } from './types.ts';

export interface DisplayPanel {
  readonly element: HTMLElement;
  show(settings: Settings, model: ModelFacts | undefined): void;
  /** There is no molecule (yet). */
  clear(): void;
  /** The numbers behind the picture. */
  explain(settings: Settings, model: ModelFacts, molecule: MoleculeData, explanation: Explanation): void;
}

const ATTENTION =
  'The half of a line at atom i shows e_ij of eq. 8, from 0 to 1: how much of the message from atom j it takes in this layer.';
const CONTRIBUTIONS =
  'The readout adds up one term of each atom and puts the sum through a small network. An atom’s share is what its term ' +
  'changes on the straight way from no atoms to all of them (Aumann-Shapley); all shares and the rest, which belongs to ' +
  'no atom, add up to the prediction.';

export function createDisplayPanel(
  settings: Settings,
  on: { change(part: Partial<Settings>): void; turnAtRandom(): void; reset(): void },
): DisplayPanel {
  const show = choice({
    label: 'Drawn over it',
    options: [
      { value: 'structure', label: 'Nothing' },
      { value: 'attention', label: 'Attention' },
      { value: 'contributions', label: 'Contributions' },
    ],
    value: settings.show,
    onChange: (value) => on.change({ show: value }),
  });
  const layer = selectField('Layer', (value) => on.change({ layer: Number(value) }));
  const from = slider({
    label: 'Drawn from e_ij =',
    min: 0,
    max: 1,
    step: 0.05,
    value: settings.from,
    format: (value) => value.toFixed(2),
    onInput: (value) => on.change({ from: value }),
  });
  const property = selectField('Property', (value) => on.change({ property: value }));
  const mirror = toggle('Mirror', settings.mirror, (value) => on.change({ mirror: value }));
  const facts = element('p', { className: 'facts', attributes: { role: 'status' } });
  const attention = element('div', { className: 'stack' }, layer.element, from.element, note(ATTENTION));
  const shares = element('div', { className: 'stack' }, property.element, note(CONTRIBUTIONS));
  const numbers = element('tbody');
  const details = element(
    'details',
    {},
    element('summary', {}, 'Shares of all atoms'),
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          element('th', { scope: 'col' }, 'Atom'),
          element('th', { scope: 'col', className: 'number' }, 'Share'),
        ),
      ),
      numbers,
    ),
  );
  shares.append(details);
  const panel = element(
    'section',
    { className: 'panel stack', attributes: { 'aria-label': 'Picture' } },
    element('h2', {}, 'Picture'),
    element(
      'div',
      { className: 'row' },
      mirror.element,
      button('Turn at random', on.turnAtRandom),
      button('Reset', on.reset),
    ),
    show.element,
    attention,
    shares,
    facts,
  );
  return {
    element: panel,
    show(current, model) {
      show.set(current.show);
      mirror.set(current.mirror);
      from.set(current.from);
      attention.hidden = current.show !== 'attention';
      shares.hidden = current.show !== 'contributions';
      facts.hidden = current.show === 'structure';
      if (!model) {
        facts.textContent = 'This needs a model.';
        numbers.replaceChildren();
      }
      const names = Array.from({ length: model?.layers ?? 0 }, (_, k) => String(k + 1));
      layer.fill(names.map((name, k) => [String(k), `${name} of ${names.length}`]));
      layer.set(String(Math.min(current.layer, names.length - 1)));
      const outputs = model?.outputs ?? [];
      property.fill(outputs.map(({ name }) => [name, [name, propertyName(name)].filter(Boolean).join(', ')]));
      property.set(outputs[propertyIndex(current, model)]?.name ?? '');
    },
    clear() {
      facts.textContent = '';
      numbers.replaceChildren();
    },
    explain(current, model, { numbers: atoms }, { gates, shares: all, rest, values }) {
      if (current.show === 'attention') facts.textContent = gateFacts(gates);
      const k = propertyIndex(current, model);
      const own = all.subarray(k * atoms.length, (k + 1) * atoms.length);
      const output = model.outputs[k];
      const unit = formatUnit(output.unit);
      if (current.show === 'contributions')
        facts.textContent = `${output.name}: shares ${formatSmall(own.reduce((a, b) => a + b, 0))}, rest ${formatSmall(rest[k])}, together ${formatValue(values[k], output)} ${unit}. Orange raises, blue lowers.`;
      numbers.replaceChildren(
        ...Array.from(own, (share, atom) => [atomName(atoms, atom), share] as const)
          .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
          .map(([name, share]) =>
            element(
              'tr',
              {},
              element('th', { scope: 'row' }, name),
              element('td', { className: 'number' }, `${formatSmall(share)} ${unit}`),
            ),
          ),
      );
    },
  };
}

/** The output that the settings name; the first one if they name none of this model. */
export function propertyIndex({ property }: Settings, model: ModelFacts | undefined): number {
  return Math.max(0, model?.outputs.findIndex(({ name }) => name === property) ?? 0);
}

function gateFacts(gates: Float32Array | undefined): string {
  if (!gates) return 'This model has no attention: every message counts in full.';
  const count = Math.sqrt(gates.length);
  const own = [...gates].filter((_, at) => Math.floor(at / count) !== at % count);
  if (own.length === 0) return 'One atom has no edges.';
  const mean = own.reduce((a, b) => a + b, 0) / own.length;
  return `e_ij of this layer: ${Math.min(...own).toFixed(2)} to ${Math.max(...own).toFixed(2)}, mean ${mean.toFixed(2)}.`;
}

function note(text: string): HTMLElement {
  return element('p', { className: 'muted note' }, text);
}

let lastId = 0;

function selectField(label: string, onChange: (value: string) => void) {
  const select = element('select', { id: `molecules-select-${++lastId}` });
  select.addEventListener('change', () => onChange(select.value));
  let filled = '';
  return {
    element: element('div', { className: 'field' }, element('label', { htmlFor: select.id }, label), select),
    fill(options: readonly (readonly [value: string, label: string])[]) {
      const key = JSON.stringify(options);
      if (key === filled) return;
      filled = key;
      select.replaceChildren(...options.map(([value, text]) => element('option', { value }, text)));
    },
    set(value: string) {
      select.value = value;
    },
  };
}
