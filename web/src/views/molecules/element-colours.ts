/** @file Colours of elements after the custom of ball-and-stick models, each in a tone that shows on its background. */

const light: Readonly<Record<number, string>> = {
  1: '#aeb8c6',
  6: '#414a58',
  7: '#2f5fd0',
  8: '#d0302a',
  9: '#2f8f46',
  15: '#c9701c',
  16: '#b99200',
  17: '#2f8f46',
  35: '#8c3f22',
  53: '#6a3fa0',
};

const dark: Readonly<Record<number, string>> = {
  1: '#e6eaf1',
  6: '#8a94a5',
  7: '#6f9bff',
  8: '#ff6b61',
  9: '#63cf80',
  15: '#f0a35e',
  16: '#e6c84a',
  17: '#63cf80',
  35: '#d07a58',
  53: '#b48be0',
};

const others = { light: '#86519c', dark: '#c99be0' };

export function elementColour(number: number, theme: 'light' | 'dark'): string {
  return (theme === 'dark' ? dark : light)[number] ?? others[theme];
}
