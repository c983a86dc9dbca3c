/** @file The view Molecules: a molecule in space, what a model predicts of it, and what is inside of the prediction. */
import './molecules.css';
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
import { transformPoints, turned } from '../equivariance/transform.ts';
import { atomName, formula } from './atom-name.ts';
import { createBatchPanel } from './batch-panel.ts';
import { chemistryTables } from './chemistry.ts';
import { createDisplayPanel, propertyIndex } from './display-panel.ts';
import { createModelPanel } from './model-panel.ts';
import { formatSmall } from './numbers.ts';
import type { Picture, Shown } from './picture.ts';
import { createPredictions } from './predictions.ts';
import { readSettings, type Settings, writeSettings } from './settings.ts';
import { createSourcePanel } from './source-panel.ts';
import { createStage, onTurnKeys } from './stage.ts';
import type { Explanation, ModelFacts, MoleculeData } from './types.ts';

export const view: View = { title: 'Molecules', mount };

const SHIPPED = 'qm9';
const DEGREES_PER_PIXEL = 0.5;
/** A longer list would make an address that mail programs break. */
const LONGEST_LIST = 1500;

function mount(root: HTMLElement, { state, compute, signal }: ViewContext): void {
  let settings = readSettings(state.get);
  let model: ModelFacts | undefined;
  let molecule: { readonly data: MoleculeData; readonly centred: Float64Array } | undefined;
  let explained: { readonly layer: number; readonly explanation: Explanation } | undefined;
  let picture: Promise<Picture> | undefined;
  /** How many models were asked for; the last one counts. */
  let openings = 0;
  /** How often the turned molecule has gone through the network. */
  let runs = 0;

  const call = <Result>(fn: string, argument?: unknown) =>
    compute.call<Result>('molecules', fn, argument, { signal });
  const problem = element('p', { className: 'notice error', hidden: true, attributes: { role: 'alert' } });
  const stage = createStage(
    'The molecule in space. Arrow keys turn it, M mirrors it, 0 resets it.',
    ' Drag to turn; with the keys: arrows turn, M mirrors, 0 resets.',
  );
  const source = createSourcePanel({ smiles: showSmiles, file: openFile });
  const models = createModelPanel((files) => void openFiles(files));
  const predictions = createPredictions();
  const display = createDisplayPanel(settings, { change, turnAtRandom, reset });
  const batch = createBatchPanel(
    {
      predict: async (text, onRow, ending) => {
        await compute.call(
          'molecules',
          'predictBatch',
          { text, resources: chemistryTables() },
          {
            signal: ending,
            onProgress: onRow as (value: unknown) => void,
          },
        );
      },
      show(smiles) {
        showSmiles(smiles);
        // The table stands below it.
        root.scrollIntoView({ block: 'start' });
      },
      onText: (text) => state.set({ list: text !== '' && text.length <= LONGEST_LIST ? text : undefined }),
    },
    signal,
  );

  root.classList.add('molecules');
  root.append(
    element('h1', {}, 'Molecules'),
    element(
      'p',
      { className: 'lead' },
      'Type a SMILES or drop a file: a network predicts properties from the atoms and their positions alone. Turn the molecule, and nothing changes.',
    ),
    element(
      'div',
      { className: 'columns' },
      element('div', { className: 'stack' }, source.element, problem, stage.figure, predictions.element),
      element('div', { className: 'stack' }, models.element, display.element),
    ),
    batch.element,
  );

  function showSmiles(smiles: string): void {
    change({ smiles, file: undefined });
  }

  function change(part: Partial<Settings>): void {
    const before = settings;
    settings = { ...settings, ...part };
    state.set(writeSettings(settings));
    follow(before);
  }

  /** Does again what the changed settings ask for. */
  function follow(before?: Settings): void {
    display.show(settings, model);
    source.show(settings.smiles);
    if (!before || before.smiles !== settings.smiles || before.file !== settings.file) readMolecule();
    else if (settings.show !== 'structure' && explained?.layer !== layerOf(settings)) explain();
    else if (before.angles !== settings.angles || before.mirror !== settings.mirror) predictTurned();
    draw();
  }

  async function openFile(file: File): Promise<void> {
    storeFile(file.name, new Uint8Array(await file.arrayBuffer()));
    // The same name may hold another molecule now.
    settings = { ...settings, file: undefined };
    change({ smiles: undefined, file: file.name });
  }

  async function openFiles(files: File[]): Promise<void> {
    if (files.length === 1 && !/\.(safetensors|json)$/i.test(files[0].name)) return openFile(files[0]);
    await openModel(() => modelFilesOf(files));
  }

  async function openModel(get: () => Promise<ModelFiles>): Promise<void> {
    const turn = ++openings;
    models.loading();
    try {
      const { name, weights, config } = await get();
      // The worker keeps the last one that it is given: someone's own must not come before the shipped one.
      if (turn !== openings) return;
      const facts = await call<ModelFacts>('openModel', { weights, config });
      if (turn !== openings) return;
      setModel(facts);
      models.show(name, facts);
    } catch (error) {
      if (signal.aborted || turn !== openings) return;
      setModel(undefined);
      models.missing((error as Error).message);
    }
  }

  function setModel(next: ModelFacts | undefined): void {
    model = next;
    explained = undefined;
    batch.setModel(next);
    predictions.element.hidden = !next || !molecule;
    display.show(settings, next);
    explain();
  }

  const readMolecule = latest(async () => {
    const { smiles, file } = settings;
    problem.hidden = true;
    stage.busy(smiles === undefined ? 'Reading the file …' : 'Making a conformer …');
    predictions.clear();
    display.clear();
    molecule = undefined;
    explained = undefined;
    const bytes = file === undefined ? undefined : storedFile(file);
    if (file !== undefined && !bytes)
      throw new Error(`${file} is no longer there: a file is kept as long as the tab. Open it again.`);
    const resources = chemistryTables();
    const data = await (bytes
      ? call<MoleculeData>('readFile', { name: file, bytes, resources })
      : call<MoleculeData>('conform', { smiles, resources }));
    molecule = { data, centred: centredPositions(data.positions) };
    stage.ready();
    stage.caption(captionOf(data));
    predictions.element.hidden = !model;
    draw();
    explain();
  }, fail);

  /** Values of the molecule as it came, attention and shares. */
  const explain = latest(async () => {
    if (!model || !molecule) return;
    const [of, layer] = [molecule, layerOf(settings)];
    const atoms = { numbers: of.data.numbers, positions: of.centred };
    const explanation = await call<Explanation>('explain', { atoms, layer });
    if (of !== molecule) return;
    problem.hidden = true;
    explained = { layer, explanation };
    runs = 0;
    predictions.show(model, explanation.values);
    draw();
    predictTurned();
  }, fail);

  const predictTurned = latest(async () => {
    if (!model || !molecule || !explained) return;
    const of = molecule;
    const { values } = await call<{ values: readonly number[] }>('predict', {
      numbers: of.data.numbers,
      positions: turnedPositions(of.centred, settings),
    });
    if (of !== molecule) return;
    runs++;
    predictions.showTurned(values, settings.mirror || settings.angles.some((angle) => angle !== 0), runs);
    root.dataset.ready = 'true';
  }, fail);

  const draw = latest(async () => {
    if (!molecule) return;
    picture ??= import('./picture.ts').then(({ createPicture }) => createPicture(stage.root, signal));
    const made = await picture;
    if (!molecule || signal.aborted) return;
    made.show(shownOf(molecule.data, turnedPositions(molecule.centred, settings)));
    if (model && explained) display.explain(settings, model, molecule.data, explained.explanation);
  }, fail);

  function shownOf(data: MoleculeData, positions: Float64Array): Shown {
    const { explanation } = explained ?? {};
    if (!model || !explanation || settings.show === 'structure') return { molecule: data, positions };
    if (settings.show === 'attention') {
      const { gates } = explanation;
      return { molecule: data, positions, attention: gates && { gates, from: settings.from } };
    }
    const count = data.numbers.length;
    const k = propertyIndex(settings, model);
    const shares = explanation.shares.subarray(k * count, (k + 1) * count);
    const texts = Array.from(
      shares,
      (share, atom) => `${atomName(data.numbers, atom)} ${formatSmall(share, 2)}`,
    );
    return { molecule: data, positions, contributions: { shares, texts } };
  }

  function layerOf({ layer }: Settings): number {
    return Math.min(layer, (model?.layers ?? 1) - 1);
  }

  function turnBy(further: readonly [number, number, number]): void {
    change({ angles: turned(settings.angles, further) });
  }

  function turnAtRandom(): void {
    const angle = () => Math.random() * 360 - 180;
    turnBy([angle(), angle(), angle()]);
  }

  function reset(): void {
    change({ angles: [0, 0, 0], mirror: false });
  }

  function fail(error: unknown): void {
    if (signal.aborted) return;
    stage.ready();
    if (!molecule) stage.empty();
    problem.textContent = (error as Error).message.replace(/^molecule 1: /, '');
    problem.hidden = false;
  }

  onDrag(stage.root, ({ dx, dy }) => turnBy([dy * DEGREES_PER_PIXEL, dx * DEGREES_PER_PIXEL, 0]), signal);
  onTurnKeys(stage.root, { turnBy, mirror: () => change({ mirror: !settings.mirror }), reset }, signal);
  onDropFiles(root, (files) => void openFiles(files), signal);
  state.onChange(() => {
    const before = settings;
    settings = readSettings(state.get);
    batch.setText(state.get('list') ?? '');
    follow(before);
  }, signal);
  batch.setText(state.get('list') ?? '');
  batch.setModel(undefined);
  follow();
  if (hasShippedModel(SHIPPED)) void openModel(() => shippedModel(SHIPPED, signal));
  else models.missing();
}

function captionOf({ name, numbers, guessedBonds, others }: MoleculeData): string {
  return [
    `${name}: ${formula(numbers)}, ${numbers.length} ${numbers.length === 1 ? 'atom' : 'atoms'}.`,
    ...(guessedBonds ? ['The file has no bonds; those drawn follow from the distances.'] : []),
    ...(others > 0 ? [`The first of ${others + 1} in the file.`] : []),
  ].join(' ');
}

/** About the middle of the atoms. */
function centredPositions(positions: Float64Array): Float64Array {
  const count = positions.length / 3;
  const middle = [0, 0, 0];
  for (const [k, value] of positions.entries()) middle[k % 3] += value / count;
  return positions.map((value, k) => value - middle[k % 3]);
}

function turnedPositions(positions: Float64Array, { angles, mirror }: Settings): Float64Array {
  return transformPoints(positions, 3, { angles, mirror, shift: [0, 0, 0], shuffle: 0 });
}
