/** @file The table of predicted properties, and how far they change when the molecule is turned: live, from the network. */
import { element } from '../../components/dom.ts';
import { formatError, formatSmall, formatUnit, formatValue } from './numbers.ts';
import { propertyName } from './property-names.ts';
import type { ModelFacts } from './types.ts';

export interface Predictions {
  readonly element: HTMLElement;
  /** @param values of the molecule as it came; undefined where there are none (yet) */
  show(model: ModelFacts, values: readonly number[] | undefined): void;
  /** Of the molecule as it is turned now, computed again. */
  showTurned(values: readonly number[], isTurned: boolean, runs: number): void;
  clear(): void;
}

export function createPredictions(): Predictions {
  const verdict = element('p', { className: 'verdict', attributes: { role: 'status' } });
  const body = element('tbody');
  const table = element(
    'table',
    {},
    element('caption', { className: 'hidden' }, 'Predicted properties'),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'col' }, 'Property'),
        element('th', { scope: 'col', className: 'number' }, 'Prediction'),
        element('th', { scope: 'col', className: 'number' }, 'Error in test'),
        element('th', { scope: 'col', className: 'number' }, 'Change when turned'),
      ),
    ),
    body,
  );
  const panel = element(
    'section',
    { className: 'panel predictions', hidden: true, attributes: { 'aria-label': 'Predicted properties' } },
    element('h2', {}, 'Predicted properties'),
    element(
      'div',
      {
        className: 'scroll',
        tabIndex: 0,
        attributes: { role: 'region', 'aria-label': 'Table of predicted properties' },
      },
      table,
    ),
    verdict,
  );
  let shown: { model: ModelFacts; values: readonly number[]; changes: HTMLElement[] } | undefined;

  return {
    element: panel,
    show(model, values) {
      panel.hidden = false;
      if (!values) {
        this.clear();
        return;
      }
      const changes = model.outputs.map(() => element('td', { className: 'number' }, '–'));
      body.replaceChildren(
        ...model.outputs.map((output, k) =>
          element(
            'tr',
            {},
            element('th', { scope: 'row' }, output.name, ...longName(output.name)),
            element(
              'td',
              { className: 'number' },
              formatValue(values[k], output),
              ' ',
              element('small', {}, formatUnit(output.unit)),
            ),
            element(
              'td',
              { className: 'number' },
              output.testError === undefined ? 'not known' : `±\u00a0${formatError(output)}`,
            ),
            changes[k],
          ),
        ),
      );
      verdict.textContent = 'Turn or mirror the molecule: the properties are computed again each time.';
      shown = { model, values, changes };
    },
    showTurned(values, isTurned, runs) {
      if (!shown) return;
      const { model, changes } = shown;
      const differences = values.map((value, k) => Math.abs(value - shown!.values[k]));
      for (const [k, cell] of changes.entries())
        cell.textContent = isTurned ? formatSmall(differences[k]) : '–';
      if (!isTurned) return;
      const ofError = differences.map(
        (difference, k) => difference / (model.outputs[k].testError ?? Number.NaN),
      );
      const largest = Math.max(...ofError.filter(Number.isFinite), 0);
      verdict.textContent =
        `Computed again ${runs.toLocaleString('en')} ${runs === 1 ? 'time' : 'times'} from the turned positions. ` +
        (ofError.some(Number.isFinite)
          ? `Nothing changes: at most ${formatSmall(largest)} of the error in test, which is rounding.`
          : `Nothing changes but for rounding: at most ${formatSmall(Math.max(...differences))}.`);
    },
    clear() {
      shown = undefined;
      body.replaceChildren();
      verdict.textContent = '';
      panel.hidden = true;
    },
  };
}

function longName(short: string): Node[] {
  const name = propertyName(short);
  return name ? [element('small', { className: 'long-name' }, name)] : [];
}
