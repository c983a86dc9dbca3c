/** @file The page: frame, views, and the worker that computes. */
import './style.css';
import { createCompute } from './compute/client.ts';
import { createHome } from './home.ts';
import { isolate } from './isolation.ts';
import { startRouter } from './router.ts';
import { setUpShell } from './shell.ts';
import { views } from './views.ts';

const compute = createCompute(
  () => new Worker(new URL('./compute/worker.ts', import.meta.url), { type: 'module', name: 'compute' }),
);
const shell = setUpShell(views);
startRouter({ root: shell.root, views, home: createHome(views), compute, onShow: shell.mark });
// The engine must not hold up the first paint, and a page that will be loaded again needs none.
const isolated = isolate();
addEventListener(
  'load',
  () =>
    setTimeout(async () => {
      await isolated;
      await shell.showEngine(compute);
    }),
  { once: true },
);
