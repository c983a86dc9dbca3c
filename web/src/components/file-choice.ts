/** @file Choosing one file: a button that opens the browser's dialog. */
import { element } from './dom.ts';

export interface FileChoiceOptions {
  readonly label: string;
  /** Endings, as in `.xyz,.csv`. */
  readonly accept: string;
  onFile(file: File): void;
}

export function fileButton({ label, accept, onFile }: FileChoiceOptions): HTMLElement {
  const input = element('input', { type: 'file', accept, hidden: true });
  const open = element('button', { type: 'button' }, label);
  open.addEventListener('click', () => input.click());
  input.addEventListener('change', () => {
    const file = input.files?.[0];
    // The same file may be chosen again after it was changed.
    input.value = '';
    if (file) onFile(file);
  });
  return element('span', {}, open, input);
}
