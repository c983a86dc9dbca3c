/** @file The equations with the term of the step marked, its text, and its lines of code. */
import { element } from '../../components/dom.ts';
import { equation } from '../../components/equation.ts';
import { excerpt } from './code.ts';
import { equations, type StepName, steps } from './steps.ts';
import { symbols } from './symbols.ts';

export interface Equations {
  readonly element: HTMLElement;
  show(step: StepName): void;
}

export function equationPanel(): Equations {
  const lines = equations.map(({ number, tex }) => {
    const drawn = equation(tex, { display: false });
    return { drawn, row: element('li', {}, drawn, element('span', { className: 'muted' }, `(${number})`)) };
  });
  const list = element('ul', { className: 'equations' }, ...lines.map(({ row }) => row));
  const title = element('h2');
  const text = element('p');
  const file = element('code');
  const code = element('pre', { tabIndex: 0, attributes: { 'aria-label': 'Code of this step' } });
  return {
    element: element(
      'section',
      { className: 'panel', attributes: { 'aria-label': 'Equations' } },
      title,
      text,
      list,
      element('p', { className: 'code-place' }, file),
      code,
    ),
    show(step) {
      const { title: name, text: words, code: place } = steps.find((other) => other.name === step)!;
      title.textContent = name;
      text.replaceChildren(...symbols(words));
      for (const { drawn, row } of lines) {
        for (const term of drawn.querySelectorAll('.term'))
          term.classList.toggle('current', term.classList.contains(`term-${step}`));
        row.classList.toggle('current', drawn.querySelector('.current') !== null);
      }
      const { file: path, line, lines: found } = excerpt(place);
      file.textContent = `${path}, lines ${line} to ${line + found.length - 1}`;
      code.replaceChildren(
        ...found.flatMap((content, k) => [
          element('span', { className: 'line-number' }, String(line + k)),
          `${content}\n`,
        ]),
      );
    },
  };
}
