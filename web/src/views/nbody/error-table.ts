/** @file Test errors: the paper's table, the shipped model, and what was trained here. */
import { element } from '../../components/dom.ts';
import type { TrainedSummary } from './compute.ts';
import { formatError } from './error-panel.ts';
import { paperErrors, shippedError } from './paper.ts';

export interface ErrorTable {
  readonly element: HTMLElement;
  showTrained(summary: TrainedSummary): void;
}

const paperRows = [
  ['Linear', paperErrors.linear],
  ['GNN', paperErrors.gnn],
  ['Radial field', paperErrors['radial-field']],
  ['EGNN', paperErrors.egnn],
] as const;

export function createErrorTable(): ErrorTable {
  const here = tableRow('EGNN, trained here', '', '–');
  here.element.classList.add('here');
  return {
    element: element(
      'div',
      { className: 'scroll' },
      element(
        'table',
        {},
        element('caption', {}, 'Mean squared error on a test set of 2,000 trajectories'),
        element(
          'thead',
          {},
          element(
            'tr',
            {},
            element('th', { scope: 'col' }, 'Model'),
            element('th', { scope: 'col', className: 'number' }, 'Trained on'),
            element('th', { scope: 'col', className: 'number' }, 'Test error'),
          ),
        ),
        element(
          'tbody',
          {},
          ...paperRows.map(([name, error]) => tableRow(`${name}, paper`, '3,000', String(error)).element),
          tableRow('EGNN, shipped', '10,000', String(shippedError)).element,
          here.element,
        ),
      ),
      element(
        'p',
        { className: 'muted small' },
        'The test trajectories here are simulated from your seed, those of the paper are its own: errors differ by some percent for that alone.',
      ),
    ),
    showTrained({ samples, step, test }) {
      here.samples.textContent = samples.toLocaleString('en');
      here.error.textContent = formatError(test);
      here.name.textContent = `EGNN, trained here, step ${step.toLocaleString('en')}`;
    },
  };
}

function tableRow(text: string, trainedOn: string, value: string) {
  const name = element('th', { scope: 'row' }, text);
  const samples = element('td', { className: 'number' }, trainedOn);
  const error = element('td', { className: 'number' }, value);
  return { name, samples, error, element: element('tr', {}, name, samples, error) };
}
