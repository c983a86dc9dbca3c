/** @file The view N-body: the exact simulator, predictions 1,000 steps ahead, and training in the tab. */
import './nbody.css';
import { element } from '../../components/dom.ts';
import { download } from '../../components/download.ts';
import { latest } from '../../components/latest.ts';
import { shippedModel } from '../../components/model-files.ts';
import type { View, ViewContext } from '../../view.ts';
import { type Frame, frameOf } from './camera.ts';
import type { ArchiveRequest, PredictionRequest, TrainedSummary } from './compute.ts';
import { createErrorPanel } from './error-panel.ts';
import { createParticleTable } from './particle-table.ts';
import { createPicture } from './picture.ts';
import { keys, legend } from './picture-texts.ts';
import {
  errorsOverTime,
  extrapolate,
  MOMENTS_AHEAD,
  MOMENTS_SHOWN,
  type Observations,
  observe,
  type Run,
} from './run.ts';
import { defaults, readSettings, type Settings, systemOfSettings, writeSettings } from './settings.ts';
import { limits, type Particle, particlesOf, systemOf } from './system.ts';
import { createSystemPanel } from './system-panel.ts';
import { createTimeline } from './timeline.ts';
import { createTrainingPanel } from './training-panel.ts';

export const view: View = { title: 'N-body', mount };

/** While the start is edited the picture keeps its place. */
const EDITING_FRAME: Frame = { centre: [0, 0, 0], radius: 3 };

/** What has been computed of a system. */
interface Computed {
  readonly run: Run;
  readonly observations: Observations;
  readonly extrapolated: Float32Array;
  readonly frame: Frame;
  predicted: Float32Array | undefined;
}

function mount(root: HTMLElement, { state, compute, signal }: ViewContext): void {
  let settings = readSettings(state.get);
  let computed: Computed | undefined;
  let chosen: number | undefined;

  const problem = element('p', { className: 'notice error', hidden: true, attributes: { role: 'alert' } });
  const system = createSystemPanel(settings, change);
  const errors = createErrorPanel(signal);
  const timeline = createTimeline({ onMoment, onPlay }, signal);
  const table = createParticleTable({
    onChange: (particle, values) => edit((all) => all.with(particle, values)),
    onAdd: (charge) => add(charge, freePlace(particlesOf(systemOfSettings(settings))), [0.5, 0, 0]),
    onRemove: remove,
  });
  const picture = createPicture(
    {
      onCamera: (camera) => change(camera),
      onTogglePlay: () => timeline.play(!timeline.playing && !settings.editing),
      onChoose(particle) {
        chosen = particle;
        draw();
      },
      onMove: (particle, by) =>
        edit((all) => all.with(particle, { ...all[particle], position: sum(all[particle].position, by) })),
      onAccelerate: (particle, by) =>
        edit((all) => all.with(particle, { ...all[particle], velocity: sum(all[particle].velocity, by) })),
      onAdd: (position, velocity) => add(nextCharge(), position, velocity),
      onRemove: remove,
    },
    signal,
  );
  const training = createTrainingPanel({
    compute,
    signal,
    onSettings: change,
    onBetter() {
      system.setTrained(true);
      if (settings.model === 'trained') predictAgain();
      else change({ model: 'trained' });
    },
    onDownload: () => void save(),
  });
  const editor = element('div', { className: 'panel' }, table.element);

  root.append(
    element('h1', {}, 'N-body'),
    element(
      'p',
      { className: 'lead' },
      'Charged particles attract and repel each other. The simulator takes 1,000 small steps; the network goes there in one.',
    ),
    problem,
    element(
      'div',
      { className: 'columns nbody' },
      element(
        'div',
        { className: 'stack' },
        element(
          'figure',
          { className: 'panel picture' },
          element('div', { className: 'picture-place' }, picture.canvas),
          timeline.element,
          legend(),
          keys(),
        ),
        editor,
        element('div', { className: 'panel' }, errors.chart),
      ),
      element(
        'div',
        { className: 'stack' },
        system.element,
        element('div', { className: 'panel' }, errors.table),
      ),
    ),
    training.element,
  );

  function change(part: Partial<Settings>): void {
    const before = settings;
    settings = { ...settings, ...part };
    if (part.editing) settings = { ...settings, yaw: 0, pitch: 0, zoom: 1 };
    else if (part.editing === false) settings = { ...settings, yaw: defaults.yaw, pitch: defaults.pitch };
    apply(before);
    write();
  }

  function write(): void {
    state.set(writeSettings(settings, timeline.playing));
  }

  /** Shows the settings, and computes what has changed with them. */
  function apply(before?: Settings): void {
    problem.hidden = true;
    system.show(settings);
    training.show(settings);
    editor.hidden = !settings.editing;
    if (settings.editing) timeline.play(false);
    timeline.setEnabled(!settings.editing);
    if (!timeline.playing) timeline.show(settings.editing ? 0 : settings.moment);
    const changed = (...names: (keyof Settings)[]) =>
      !before || names.some((name) => before[name] !== settings[name]);
    if (changed('preset', 'seed', 'own')) table.show(particlesOf(systemOfSettings(settings)));
    if (changed('preset', 'seed', 'own', 'noise')) computeAgain();
    else if (changed('model')) predictAgain();
    draw();
  }

  const fail = (error: unknown) => {
    if (signal.aborted) return;
    problem.textContent = error instanceof Error ? error.message : String(error);
    problem.hidden = false;
  };
  const shipped = shippedModel('nbody', signal).then(({ weights }) =>
    compute.call('nbody', 'loadShipped', weights, { signal }),
  );
  // It is awaited where it is needed.
  shipped.catch(() => {});

  const computeAgain = latest(async () => {
    if (signal.aborted) return;
    const { noise, seed } = settings;
    const run = await compute.call<Run>('nbody', 'simulate', systemOfSettings(settings), { signal });
    const observations = observe(run, noise, seed);
    const shown = run.positions.subarray(0, MOMENTS_SHOWN * 3 * run.charges.length);
    computed = {
      run,
      observations,
      extrapolated: extrapolate(observations),
      frame: frameOf(shown),
      predicted: undefined,
    };
    showErrors();
    draw();
    predictAgain();
  }, fail);

  const predictAgain = latest(async () => {
    const current = computed;
    if (signal.aborted || !current) return;
    const { model } = settings;
    if (model === 'shipped') await shipped;
    const request: PredictionRequest = { observations: current.observations, model };
    current.predicted = await compute.call<Float32Array>('nbody', 'predict', request, { signal });
    if (current !== computed) return;
    showErrors();
    draw();
    root.dataset.ready = 'true';
  }, fail);

  function showErrors(): void {
    if (!computed) return;
    const { run, predicted, extrapolated } = computed;
    const name = settings.model === 'shipped' ? 'EGNN, shipped' : 'EGNN, trained here';
    errors.setErrors(predicted && errorsOverTime(predicted, run), errorsOverTime(extrapolated, run), name);
    describe();
  }

  function onMoment(moment: number, settled: boolean): void {
    settings = { ...settings, moment };
    draw();
    if (!settled) return;
    write();
    describe();
  }

  function onPlay(): void {
    write();
    describe();
  }

  function draw(): void {
    if (!computed) return;
    const { editing, yaw, pitch, zoom } = settings;
    const { run, predicted, extrapolated } = computed;
    const moment = editing ? 0 : settings.moment;
    errors.show(moment);
    const frame = editing ? EDITING_FRAME : computed.frame;
    picture.show({ run, predicted, extrapolated, moment, frame, chosen, editing }, { yaw, pitch, zoom });
  }

  /** The picture in words, where it stands still. */
  function describe(): void {
    const { charges } = systemOfSettings(settings);
    const step = Math.round(settings.editing ? 0 : settings.moment) * 10;
    const when = timeline.playing ? 'playing' : `at step ${step.toLocaleString('en')}`;
    picture.canvas.setAttribute(
      'aria-label',
      `${charges.length} particles with charges ${charges.join(', ')}, ${when}, with predictions ${MOMENTS_AHEAD * 10} steps ahead`,
    );
  }

  function edit(changed: (particles: Particle[]) => Particle[]): void {
    const own = systemOf(changed(particlesOf(systemOfSettings(settings))));
    change({ preset: 'own', own });
  }

  function add(charge: number, position: Particle['position'], velocity: Particle['velocity']): void {
    const { length } = systemOfSettings(settings).charges;
    if (length >= limits.particles.max) return;
    chosen = length;
    edit((all) => [...all, { charge, position, velocity }]);
  }

  function remove(particle: number): void {
    if (systemOfSettings(settings).charges.length <= limits.particles.min) return;
    chosen = undefined;
    edit((all) => all.toSpliced(particle, 1));
  }

  /** Keeps the system neutral, as far as one particle can. */
  function nextCharge(): number {
    return systemOfSettings(settings).charges.reduce((a, b) => a + b, 0) > 0 ? -1 : 1;
  }

  async function save(): Promise<void> {
    if (!computed) return;
    try {
      const request: ArchiveRequest = {
        observations: computed.observations,
        moment: Math.round(settings.moment),
      };
      const bytes = await compute.call<Uint8Array<ArrayBuffer>>('nbody', 'archive', request, { signal });
      download('nbody-browser.zip', bytes, 'application/zip');
    } catch (error) {
      fail(error);
    }
  }

  async function start(): Promise<void> {
    const trained = await compute.call<TrainedSummary | undefined>('nbody', 'trainedSummary', undefined, {
      signal,
    });
    system.setTrained(trained !== undefined);
    // A reload has forgotten them.
    if (settings.model === 'trained' && !trained) settings = { ...settings, model: 'shipped' };
    apply();
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    if (state.get('time') === undefined && !settings.editing && !still) timeline.play(true);
  }

  state.onChange(() => {
    settings = readSettings(state.get);
    apply();
  }, signal);
  system.show(settings);
  training.show(settings);
  editor.hidden = !settings.editing;
  start().catch(fail);
}

function sum([a, b, c]: Particle['position'], [d, e, f]: Particle['position']): Particle['position'] {
  return [a + d, b + e, c + f];
}

/** Of some places around the middle the one that is farthest from all particles. */
function freePlace(particles: readonly Particle[]): Particle['position'] {
  const places = Array.from({ length: 12 }, (_, k): Particle['position'] => {
    const angle = (k * Math.PI) / 6;
    return [Number((1.8 * Math.cos(angle)).toFixed(2)), Number((1.8 * Math.sin(angle)).toFixed(2)), 0];
  });
  const room = (place: Particle['position']) =>
    Math.min(...particles.map(({ position }) => Math.hypot(...position.map((x, k) => x - place[k]))));
  return places.reduce((best, place) => (room(place) > room(best) ? place : best));
}
