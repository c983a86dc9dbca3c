/** @file What a page of the documentation does in the browser: theme, search, and keyboard access to what scrolls. */
import 'katex/dist/katex.min.css';
import '../../web/src/style.css';
import './style.css';
import { setUpTheme } from '../../web/src/theme.ts';
import { setUpSearch } from './client-search.ts';

setUpTheme(document.querySelector<HTMLSelectElement>('#theme')!);
setUpSearch();

/** What is wider than its box can be scrolled with the keyboard. */
function makeScrollable(): void {
  for (const box of document.querySelectorAll<HTMLElement>('main pre, main .scroll, main .katex-display')) {
    const wide = box.scrollWidth > box.clientWidth;
    if (wide) box.tabIndex = 0;
    else box.removeAttribute('tabindex');
  }
}
makeScrollable();
addEventListener('resize', makeScrollable);
