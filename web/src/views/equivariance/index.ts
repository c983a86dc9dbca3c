/** @file The view Equivariance: a point cloud goes through a network, before and after g, and the outputs are compared. */
import './equivariance.css';
import { element } from '../../components/dom.ts';
import { onDrag } from '../../components/drag.ts';
import { latest } from '../../components/latest.ts';
import { onDropFiles } from '../../components/several-files.ts';
import { storedFile, storeFile } from '../../components/stored-file.ts';
import type { View, ViewContext } from '../../view.ts';
import type { CompareArgument, Comparison } from './compute.ts';
import { createControls } from './controls.ts';
import { explanation } from './explanation.ts';
import { onKeys, turnByDrag } from './gestures.ts';
import type { Pictures } from './pictures.ts';
import type { PointCloud } from './point-cloud.ts';
import { createReadout } from './readout.ts';
import { readSettings, type Settings, writeSettings } from './settings.ts';
import { stage } from './stage.ts';
import type { Transform } from './transform.ts';

export const view: View = { title: 'Equivariance', mount };

interface LoadedFile {
  readonly name: string;
  readonly cloud: PointCloud;
}

function mount(root: HTMLElement, { state, compute, signal }: ViewContext): void {
  let settings = readSettings(state.get);
  let file: LoadedFile | undefined;
  let drawn: { key: string; cloud: PointCloud } | undefined;
  let pictures: { dimension: 2 | 3; ready: Promise<Pictures>; end: AbortController } | undefined;

  const readout = createReadout();
  const problem = element('p', { className: 'notice error', hidden: true, attributes: { role: 'alert' } });
  const input = stage('Input', 'x faint, g x full');
  const output = stage('Output', 'g f(x) as balls, f(g x) as rings');
  const figures = element('div', { className: 'stages' }, input.figure, output.figure);
  const controls = createControls(settings, { change, transform, open });

  root.append(
    element('h1', {}, 'Equivariance'),
    element(
      'p',
      { className: 'lead' },
      'Drag the points to turn them, with the shift key to move them. An equivariant network f follows: f(g x) = g f(x).',
    ),
    element(
      'div',
      { className: 'columns equivariance' },
      element('div', { className: 'stack' }, problem, figures, readout.element),
      controls.element,
      explanation(),
    ),
  );

  function change(part: Partial<Settings>): void {
    if ('dimension' in part || 'points' in part || 'seed' in part) file = undefined;
    settings = { ...settings, ...part };
    publish();
  }

  function publish(): void {
    problem.hidden = true;
    state.set({ ...writeSettings(settings), file: file?.name });
    controls.show(settings, file?.name);
    refresh();
  }

  function transform(part: Partial<Transform>): void {
    change({ transform: { ...settings.transform, ...part } });
  }

  async function open(chosen: File): Promise<void> {
    try {
      const bytes = new Uint8Array(await chosen.arrayBuffer());
      take(await read(chosen.name, bytes));
      storeFile(chosen.name, bytes);
      publish();
    } catch (error) {
      fail(error);
    }
  }

  async function read(name: string, bytes: Uint8Array): Promise<LoadedFile> {
    const argument = { name, bytes };
    return { name, cloud: await compute.call<PointCloud>('equivariance', 'readCloud', argument, { signal }) };
  }

  function take(loaded: LoadedFile | undefined): void {
    file = loaded;
    if (loaded) settings = { ...settings, dimension: loaded.cloud.dimension };
  }

  /** A file that another tab has opened is not there: the address then shows drawn points. */
  async function reopen(name: string | undefined): Promise<LoadedFile | undefined> {
    const bytes = name === undefined ? undefined : storedFile(name);
    return bytes && read(name!, bytes);
  }

  async function restore(): Promise<void> {
    settings = readSettings(state.get);
    try {
      take(await reopen(state.get('file')));
    } catch (error) {
      fail(error);
    }
    controls.show(settings, file?.name);
    refresh();
  }

  function fail(error: unknown): void {
    if (signal.aborted) return;
    problem.textContent = error instanceof Error ? error.message : String(error);
    problem.hidden = false;
  }

  const refresh = latest(() => compare(settings), fail);
  async function compare({ model, layers, transform, ...rest }: Settings): Promise<void> {
    if (signal.aborted) return;
    const cloud = file?.cloud ?? (await draw(rest));
    const argument: CompareArgument = { cloud, model, layers, transform };
    const comparison = await compute.call<Comparison>('equivariance', 'compare', argument, { signal });
    readout.show(comparison, model, transform);
    (await picturesOf(cloud.dimension)).show({ cloud, transform, comparison });
    root.dataset.ready = 'true';
  }

  async function draw({ points, dimension, seed }: Pick<Settings, 'points' | 'dimension' | 'seed'>) {
    const key = `${points} ${dimension} ${seed}`;
    if (drawn?.key !== key) {
      const argument = { count: points, dimension, seed };
      drawn = {
        key,
        cloud: await compute.call<PointCloud>('equivariance', 'drawCloud', argument, { signal }),
      };
    }
    return drawn.cloud;
  }

  function picturesOf(dimension: 2 | 3): Promise<Pictures> {
    if (pictures?.dimension !== dimension) {
      pictures?.end.abort();
      const end = new AbortController();
      signal.addEventListener('abort', () => end.abort(), { once: true, signal: end.signal });
      const ready = import('./pictures.ts').then(({ createPictures }) =>
        createPictures({ input: input.root, output: output.root }, dimension, end.signal),
      );
      pictures = { dimension, ready, end };
    }
    return pictures.ready;
  }

  for (const { root: target } of [input, output]) {
    onDrag(
      target,
      async (move) => {
        const ready = await pictures?.ready.catch(() => undefined);
        transform(turnByDrag(settings, move, ready?.scenes[0].unitsPerPixel() ?? 0.01));
      },
      signal,
    );
    onKeys(target, () => settings, transform, signal);
  }
  onDropFiles(figures, ([first]) => open(first), signal);
  state.onChange(restore, signal);
  restore();
}
