/** @file The view Your data: a graph of one's own goes through a model; H' and C' come out as table, picture and files. */
import './data.css';
import { element } from '../../components/dom.ts';
import { onDrag } from '../../components/drag.ts';
import { latest } from '../../components/latest.ts';
import {
  hasShippedModel,
  type ModelFiles,
  modelFilesOf,
  shippedModel,
} from '../../components/model-files.ts';
import { onDropFiles } from '../../components/several-files.ts';
import { storedFile, storeFile } from '../../components/stored-file.ts';
import type { View, ViewContext } from '../../view.ts';
import { turned } from '../equivariance/transform.ts';
import { createStage, onTurnKeys } from '../molecules/stage.ts';
import type { ModelWish, OpenedModel, Output } from './compute.ts';
import { examples } from './examples.ts';
import { type GraphData, matrixNames } from './graph-data.ts';
import { createInputPanel } from './input-panel.ts';
import { createModelPanel } from './model-panel.ts';
import { networkOptions } from './network-options.ts';
import { createOutputPanel } from './output-panel.ts';
import { parseGraph } from './parse-text.ts';
import type { Picture } from './picture.ts';
import { programOf } from './program.ts';
import { anglesOf, readSettings, type Settings, writeSettings } from './settings.ts';

export const view: View = { title: 'Your data', mount };

const DEGREES_PER_PIXEL = 0.5;
/** A longer text is kept by the browser and not by the address. */
const LONGEST_IN_ADDRESS = 1500;
const STORED = 'data-text';

function mount(root: HTMLElement, { state, compute, signal }: ViewContext): void {
  let settings = readSettings(state.get);
  let graph: GraphData | undefined;
  let output: Output | undefined;
  let picture: Promise<Picture> | undefined;
  /** The model that the worker holds: the shipped one, or someone's own. */
  let inWorker: 'nbody' | 'opened' | undefined;
  let own: ModelFiles | undefined;

  const call = <Result>(fn: string, argument?: unknown) =>
    compute.call<Result>('data', fn, argument, { signal });
  const input = createInputPanel({
    text: setOwnText,
    example: setExample,
    files: (files) => void openFiles(files),
  });
  const models = createModelPanel(settings, {
    change,
    files: (files) => void openFiles(files),
    isShipped: hasShippedModel('nbody'),
  });
  const outputs = createOutputPanel((shown) => call('npz', shown));
  const stage = createStage(
    'The points before and after. Arrow keys turn them, 0 resets.',
    ' Drag to turn; with the keys: arrows turn, 0 resets.',
  );
  stage.caption('C faint, C′ full, orange the way between.');
  const problem = element('p', { className: 'notice error', hidden: true, attributes: { role: 'alert' } });

  root.classList.add('data');
  root.append(
    element('h1', {}, 'Your data'),
    element(
      'p',
      { className: 'lead' },
      'Paste or drop a graph: features X, coordinates C and, where there are any, edges E, edge attributes A and velocities V. A model gives H′ and C′. Nothing leaves this page.',
    ),
    element(
      'div',
      { className: 'columns' },
      element('div', { className: 'stack' }, input.element, problem, stage.figure, outputs.element),
      element('div', { className: 'stack' }, models.element),
    ),
  );

  function change(part: Partial<Settings>): void {
    const before = settings;
    settings = { ...settings, ...part };
    state.set(writeSettings(settings));
    models.show(settings);
    if (before.model !== settings.model || before.options !== settings.options) predict();
    else draw();
  }

  function setExample(name: string): void {
    state.set({ text: undefined, own: undefined });
    change({ example: name });
    restoreText();
  }

  function setOwnText(text: string): void {
    settings = { ...settings, example: undefined };
    storeFile(STORED, new TextEncoder().encode(text));
    const fits = text.length <= LONGEST_IN_ADDRESS;
    state.set({ ...writeSettings(settings), text: fits ? text : undefined, own: fits ? undefined : '1' });
    readText();
  }

  function restoreText(): void {
    const example = examples.find(({ name }) => name === settings.example);
    const stored = state.get('own') === undefined ? undefined : storedFile(STORED);
    input.setText(
      example?.text ?? state.get('text') ?? (stored ? new TextDecoder().decode(stored) : ''),
      example?.name,
    );
    readText();
  }

  function readText(): void {
    try {
      graph = parseGraph(input.text);
      input.accept(graph);
    } catch (error) {
      graph = undefined;
      input.reject((error as Error).message);
    }
    predict();
  }

  async function openFiles(files: File[]): Promise<void> {
    if (files.some(({ name }) => /\.safetensors$/i.test(name))) {
      try {
        own = await modelFilesOf(files);
        inWorker = undefined;
        change({ model: 'opened' });
        predict();
      } catch (error) {
        models.say((error as Error).message, true);
      }
      return;
    }
    try {
      const read = await Promise.all(
        files.map(async (file) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })),
      );
      const text = await call<string>('readFiles', { files: read });
      input.setText(text, undefined);
      setOwnText(text);
    } catch (error) {
      if (!signal.aborted) input.reject((error as Error).message);
    }
  }

  const predict = latest(async () => {
    problem.hidden = true;
    const [data, { model, options }] = [graph, settings];
    if (model !== 'random' && !(await modelIsReady(model))) {
      clear();
      return;
    }
    if (!data) {
      clear();
      return;
    }
    const wish: ModelWish = model === 'random' ? { kind: 'random', options } : { kind: 'opened' };
    output = await call<Output>('run', { graph: data, model: wish });
    const matrices = matrixNames.filter((name) => data[name]);
    outputs.show(output, model === 'random' ? programOf(networkOptions(data, options), matrices) : undefined);
    stage.figure.hidden = false;
    draw();
    root.dataset.ready = String(Number(root.dataset.ready ?? 0) + 1);
  }, fail);

  /** Brings the model into the worker. */
  async function modelIsReady(model: 'nbody' | 'opened'): Promise<boolean> {
    if (inWorker === model) return true;
    if (model === 'opened' && !own) {
      models.say('No model is open.');
      return false;
    }
    models.say('Loading the model …');
    try {
      const { name, weights, config } = model === 'nbody' ? await shippedModel('nbody', signal) : own!;
      const { summary } = await call<OpenedModel>('openModel', { weights, config });
      inWorker = model;
      models.say(`${name}: ${summary}`);
      return true;
    } catch (error) {
      if (!signal.aborted) models.say((error as Error).message, true);
      return false;
    }
  }

  const draw = latest(async () => {
    if (!graph || !output || output.nodes !== graph.X.length) return;
    picture ??= import('./picture.ts').then(({ createPicture }) => createPicture(stage.root, signal));
    const made = await picture;
    if (graph && output && output.nodes === graph.X.length && !signal.aborted)
      made.show({ graph, moved: output.x, angles: anglesOf(settings, graph.C[0].length) });
  }, fail);

  function clear(): void {
    output = undefined;
    outputs.clear();
    stage.figure.hidden = true;
  }

  function fail(error: unknown): void {
    if (signal.aborted) return;
    clear();
    problem.textContent = (error as Error).message;
    problem.hidden = false;
  }

  const turnBy = (further: readonly [number, number, number]) =>
    change({ angles: turned(anglesOf(settings, graph?.C[0].length ?? 3), further) });
  onDrag(stage.root, ({ dx, dy }) => turnBy([dy * DEGREES_PER_PIXEL, dx * DEGREES_PER_PIXEL, 0]), signal);
  onTurnKeys(stage.root, { turnBy, reset: () => change({ angles: undefined }) }, signal);
  onDropFiles(root, (files) => void openFiles(files), signal);
  state.onChange(() => {
    settings = readSettings(state.get);
    models.show(settings);
    restoreText();
  }, signal);
  models.show(settings);
  restoreText();
}
