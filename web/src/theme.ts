/** @file Light, dark, or as the system has it. */
const KEY = 'theme';
const listeners = new Set<() => void>();

/** Connects the choice in the header. */
export function setUpTheme(select: HTMLSelectElement): void {
  select.value = document.documentElement.dataset.theme ?? '';
  select.addEventListener('change', () => {
    if (select.value) document.documentElement.dataset.theme = select.value;
    else delete document.documentElement.dataset.theme;
    remember(select.value);
    for (const listener of [...listeners]) listener();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    for (const listener of [...listeners]) listener();
  });
}

function remember(theme: string): void {
  try {
    if (theme) localStorage.setItem(KEY, theme);
    else localStorage.removeItem(KEY);
  } catch {
    // Storage is forbidden: the choice lasts as long as the page.
  }
}

/** For what CSS does not reach, such as a canvas: told when colours have changed. */
export function onThemeChange(listener: () => void, signal: AbortSignal): void {
  listeners.add(listener);
  signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
}

/** The value of a colour variable of style.css at the moment: `themeColour('--accent')`. */
export function themeColour(name: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
