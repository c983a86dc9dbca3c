/** @file The text of a graph: typed, pasted, dropped or an example; and what it was read as, or what is wrong with it. */
import { element } from '../../components/dom.ts';
import { filesButton } from '../../components/several-files.ts';
import { examples } from './examples.ts';
import { type GraphData, matrixNames } from './graph-data.ts';

export interface InputPanel {
  readonly element: HTMLElement;
  readonly text: string;
  setText(text: string, example: string | undefined): void;
  /** What was read. */
  accept(graph: GraphData): void;
  reject(problem: string): void;
}

export function createInputPanel(on: {
  text(text: string): void;
  example(name: string): void;
  files(files: File[]): void;
}): InputPanel {
  const input = element('textarea', {
    id: 'data-text',
    rows: 14,
    spellcheck: false,
    attributes: { autocapitalize: 'off', 'aria-describedby': 'data-help data-read data-problem' },
  });
  input.addEventListener('input', () => {
    select.value = '';
    on.text(input.value);
  });
  const select = element(
    'select',
    { id: 'data-example' },
    element('option', { value: '' }, 'Choose …'),
    ...examples.map(({ name, label }) => element('option', { value: name }, label)),
  );
  select.addEventListener('change', () => {
    if (select.value !== '') on.example(select.value);
  });
  const read = element('p', { id: 'data-read', className: 'read', attributes: { role: 'status' } });
  const problem = element('p', {
    id: 'data-problem',
    className: 'notice error',
    hidden: true,
    attributes: { role: 'alert' },
  });
  return {
    element: element(
      'section',
      { className: 'panel stack', attributes: { 'aria-label': 'Graph' } },
      element(
        'div',
        { className: 'sources' },
        element('div', { className: 'field' }, element('label', { htmlFor: select.id }, 'Example'), select),
        filesButton({ label: 'Open JSON, CSV or npz', accept: '.json,.csv,.npz,.txt', onFiles: on.files }),
      ),
      element(
        'div',
        { className: 'field' },
        element('label', { htmlFor: input.id }, 'X, C and, where there are any, E, A and V'),
        input,
        element(
          'small',
          { id: 'data-help' },
          'JSON as predict takes it. Or CSV: a matrix’s name in a line and its rows below it, or a table with a heading such as X1,x,y,z and after an empty line source,target,A1.',
        ),
      ),
      read,
      problem,
    ),
    get text() {
      return input.value;
    },
    setText(text, example) {
      input.value = text;
      select.value = example ?? '';
    },
    accept(graph) {
      problem.hidden = true;
      input.removeAttribute('aria-invalid');
      const shapes = matrixNames
        .filter((name) => graph[name])
        .map((name) => `${name} [${graph[name]!.length}, ${graph[name]![0]?.length ?? 0}]`);
      read.textContent = `Read: ${shapes.join(', ')}${graph.E ? '' : '; without E the graph is complete'}.`;
    },
    reject(text) {
      problem.textContent = text;
      problem.hidden = false;
      input.setAttribute('aria-invalid', 'true');
      read.textContent = '';
    },
  };
}
