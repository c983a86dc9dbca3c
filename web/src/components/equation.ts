/** @file Equations with KaTeX, which comes along: a module that uses them is loaded when a view needs it. */
import 'katex/dist/katex.min.css';
import katex from 'katex';
import { element } from './dom.ts';

/**
 * @param tex our own text; `\htmlClass{name}{...}` gives a part a class for the style sheet
 * @param display on a line of its own
 */
export function equation(tex: string, { display = true }: { display?: boolean } = {}): HTMLElement {
  const root = element(display ? 'div' : 'span', { className: 'equation' });
  katex.render(tex, root, {
    displayMode: display,
    throwOnError: true,
    strict: false,
    trust: ({ command }) => command === '\\htmlClass',
  });
  return root;
}
