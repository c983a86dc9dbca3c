/**
 * @file The colours of plots. In a page they are variables of its style sheet, which has other values in the dark and on
 * paper; in a file of its own a plot has the colours of paper.
 */

/** What colours are for; every pair that meets in a plot also differs in shape, dash or place. */
export const paper = {
  background: '#ffffff',
  ink: '#1b1f24',
  muted: '#59616b',
  line: '#d5d9de',
  surface: '#f5f6f8',
  blue: '#1f5fd0',
  orange: '#b8500b',
  red: '#c0282d',
  green: '#1b7a43',
  violet: '#7640c0',
  teal: '#0b6f84',
} as const;

export const dark: Readonly<Record<keyof typeof paper, string>> = {
  background: '#14171b',
  ink: '#e6e9ed',
  muted: '#a2aab4',
  line: '#363d46',
  surface: '#1c2127',
  blue: '#7babff',
  orange: '#ffa05c',
  red: '#ff7d76',
  green: '#62d18e',
  violet: '#c39bff',
  teal: '#52d0de',
};

export type Theme = Readonly<Record<keyof typeof paper, string>>;

/** For plots inside a page. */
export const pageTheme = Object.fromEntries(
  Object.keys(paper).map((name) => [name, `var(--${name})`]),
) as Theme;

/** Colours of several runs in one plot, in turn. */
const runColours = ['blue', 'orange', 'green', 'violet', 'red', 'teal'] as const satisfies (keyof Theme)[];

export function colourOfRun(theme: Theme, run: number): string {
  return theme[runColours[run % runColours.length]];
}

/** As declarations of a style sheet. */
export function declareColours(theme: Theme): string {
  return Object.entries(theme)
    .map(([name, value]) => `--${name}: ${value};`)
    .join(' ');
}
