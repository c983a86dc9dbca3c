/** @file What a report consists of: sections with text, tables and figures, whatever it is about. */
import type { Figure } from './figure.ts';
import type { Fact } from './measurement.ts';

export interface Table {
  readonly caption: string;
  readonly headings: readonly string[];
  /** The first cell of a row is its heading. */
  readonly rows: readonly (readonly string[])[];
}

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'facts'; readonly facts: readonly Fact[] }
  | { readonly kind: 'table'; readonly table: Table }
  | { readonly kind: 'figures'; readonly figures: readonly Figure[] };

export interface Section {
  /** Its anchor. */
  readonly name: string;
  readonly title: string;
  readonly parts: readonly Part[];
}

export interface Report {
  readonly title: string;
  readonly subtitle: string;
  /** Shown large. */
  readonly highlights: readonly Fact[];
  readonly sections: readonly Section[];
  readonly footer: string;
}

export function figuresOf({ sections }: Report): Figure[] {
  return sections.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.kind === 'figures' ? part.figures : [])),
  );
}
