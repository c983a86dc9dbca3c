/** @file Symbols in plain text: `x_ij` with its index set lower. */
import { element } from '../../components/dom.ts';

export function symbols(text: string): (Node | string)[] {
  return text.split(/(?<=[a-zφ])_([a-z]+)/).map((part, k) => (k % 2 === 1 ? element('sub', {}, part) : part));
}
