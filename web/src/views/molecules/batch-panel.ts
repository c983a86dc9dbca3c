/** @file A list of SMILES to a table that can be sorted, and to a CSV file. */
import Papa from 'papaparse';
import { button } from '../../components/controls.ts';
import { element } from '../../components/dom.ts';
import { download } from '../../components/download.ts';
import { fileButton } from '../../components/file-choice.ts';
import { type Column, type SortableTable, sortableTable } from '../../components/sortable-table.ts';
import { formatUnit, formatValue } from './numbers.ts';
import type { BatchRow, ModelFacts } from './types.ts';

export interface BatchPanel {
  readonly element: HTMLElement;
  /** The model that predicts from now on; the table of another one goes. */
  setModel(model: ModelFacts | undefined): void;
  setText(text: string): void;
}

export interface BatchActions {
  /** @param onRow called for each row as it is there */
  predict(text: string, onRow: (row: BatchRow) => void, signal: AbortSignal): Promise<void>;
  /** A molecule of the table is to be shown. */
  show(smiles: string): void;
  onText(text: string): void;
}

const PLACEHOLDER = 'CCO ethanol\nCC(=O)N acetamide\nc1ccccc1 benzene';

export function createBatchPanel(on: BatchActions, signal: AbortSignal): BatchPanel {
  let model: ModelFacts | undefined;
  let running: AbortController | undefined;
  let table: SortableTable<BatchRow> | undefined;
  const input = element('textarea', {
    id: 'molecules-list',
    rows: 5,
    placeholder: PLACEHOLDER,
    spellcheck: false,
    attributes: { autocapitalize: 'off', 'aria-describedby': 'molecules-list-help' },
  });
  input.addEventListener('input', () => on.onText(input.value));
  const run = element('button', { type: 'submit', className: 'primary' }, 'Predict');
  const stop = element('button', { type: 'button', hidden: true }, 'Stop');
  stop.addEventListener('click', () => running?.abort(new DOMException('stopped', 'AbortError')));
  const save = element('button', { type: 'button', hidden: true }, 'Download CSV');
  save.addEventListener('click', () => {
    if (table && model) download('predictions.csv', batchCsv(table.rows(), model), 'text/csv');
  });
  const status = element('p', { className: 'muted', attributes: { role: 'status' } });
  const place = element('div');
  const open = fileButton({
    label: 'Open .smi or .csv',
    accept: '.smi,.csv,.txt',
    onFile: async (file) => {
      input.value = await file.text();
      on.onText(input.value);
    },
  });
  const form = element(
    'form',
    { className: 'stack' },
    element(
      'div',
      { className: 'field' },
      element('label', { htmlFor: input.id }, 'SMILES, one a line'),
      input,
      element(
        'small',
        { id: 'molecules-list-help' },
        'A name may follow after a space. CSV with a column smiles works too.',
      ),
    ),
    element('div', { className: 'row' }, run, stop, open, save),
    status,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void predict(input.value.trim() === '' ? PLACEHOLDER : input.value);
  });

  async function predict(text: string): Promise<void> {
    if (!model || running) return;
    if (input.value.trim() === '') input.value = text;
    const ending = new AbortController();
    running = ending;
    run.disabled = true;
    stop.hidden = false;
    save.hidden = true;
    const rows = sortableTable<BatchRow>({
      caption: 'Predictions of the list',
      columns: columnsOf(model, on.show),
    });
    table = rows;
    place.replaceChildren(rows.element);
    let wrong = 0;
    const count = () =>
      `${rows.rows().length} ${rows.rows().length === 1 ? 'molecule' : 'molecules'}${wrong > 0 ? `, ${wrong} of them wrong` : ''}`;
    try {
      await on.predict(
        text,
        (row) => {
          rows.add(row);
          if (row.error !== undefined) wrong++;
          status.textContent = `${count()} …`;
        },
        AbortSignal.any([signal, ending.signal]),
      );
      status.textContent = `${count()}.`;
    } catch (error) {
      if (signal.aborted) return;
      status.textContent = ending.signal.aborted
        ? `Stopped after ${count()}.`
        : `Ended after ${count()}: ${(error as Error).message}`;
    } finally {
      running = undefined;
      run.disabled = false;
      stop.hidden = true;
      save.hidden = rows.rows().length === 0;
    }
  }

  return {
    element: element(
      'section',
      { className: 'panel stack batch', attributes: { 'aria-label': 'Many at once' } },
      element('h2', {}, 'Many at once'),
      form,
      place,
    ),
    setModel(next) {
      running?.abort(new DOMException('another model', 'AbortError'));
      model = next;
      run.disabled = !next;
      status.textContent = next ? '' : 'This needs a model.';
      table = undefined;
      place.replaceChildren();
      save.hidden = true;
    },
    setText(text) {
      input.value = text;
    },
  };
}

function columnsOf({ outputs }: ModelFacts, show: (smiles: string) => void): Column<BatchRow>[] {
  return [
    { title: 'Line', isNumber: true, text: ({ line }) => String(line), value: ({ line }) => line },
    { title: 'Name', text: ({ name }) => name },
    {
      title: 'SMILES',
      text: ({ smiles }) => smiles,
      node: ({ smiles }) => button(smiles, () => show(smiles)),
      className: () => 'smiles',
    },
    { title: 'Atoms', isNumber: true, text: ({ atoms }) => String(atoms ?? ''), value: ({ atoms }) => atoms },
    ...outputs.map(
      (output, k): Column<BatchRow> => ({
        title: output.unit ? `${output.name} (${formatUnit(output.unit)})` : output.name,
        isNumber: true,
        text: ({ values }) => (values ? formatValue(values[k], output) : ''),
        value: ({ values }) => values?.[k],
      }),
    ),
    {
      title: 'Remark',
      text: ({ error }) => error ?? '',
      className: ({ error }) => (error === undefined ? '' : 'bad'),
    },
  ];
}

/** As `egnn predict` writes it, in the order of the table, with all digits. */
export function batchCsv(rows: readonly BatchRow[], { outputs }: ModelFacts): string {
  const titles = outputs.map(({ name, unit }) => (unit === undefined ? name : `${name} (${unit})`));
  return `${Papa.unparse(
    {
      fields: ['line', 'name', 'smiles', 'atoms', ...titles, 'error'],
      data: rows.map(({ line, name, smiles, atoms, values, error }) => [
        line,
        name,
        smiles,
        atoms ?? '',
        ...outputs.map((_, k) => values?.[k] ?? ''),
        error ?? '',
      ]),
    },
    { newline: '\n' },
  )}\n`;
}
