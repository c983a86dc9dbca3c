/** @file What is shown: which particles, how well they are seen, and who predicts. */
import { button, choice, numberField, slider, toggle } from '../../components/controls.ts';
import { element } from '../../components/dom.ts';
import type { ModelChoice } from './compute.ts';
import { isPresetName, presets } from './presets.ts';
import { ranges, type Settings, systemOfSettings } from './settings.ts';
import { departures, limits } from './system.ts';

export interface SystemPanel {
  readonly element: HTMLElement;
  show(settings: Settings): void;
  /** Whether weights were trained here, which can be chosen then. */
  setTrained(available: boolean): void;
}

const randomAbout =
  'Five charges of −1 or 1 with normally distributed positions and a speed of 0.5, as the paper’s data set draws them. Seed 43 gives its first trajectory.';
const ownAbout = 'Your own system. It is part of the address: a link shows the same.';

export function createSystemPanel(
  settings: Settings,
  onChange: (part: Partial<Settings>) => void,
): SystemPanel {
  const preset = element(
    'select',
    { id: 'system-preset' },
    element('option', { value: 'random' }, 'Random, as the data set'),
    ...Object.entries(presets).map(([value, { title }]) => element('option', { value }, title)),
    element('option', { value: 'own' }, 'Your own'),
  );
  preset.addEventListener('change', () => {
    const { value } = preset;
    if (value === 'random' || isPresetName(value)) onChange({ preset: value });
    else onChange({ preset: 'own', own: systemOfSettings(current), editing: true });
  });
  const about = element('p', { className: 'muted small' });
  const warning = element('p', { className: 'notice unseen', attributes: { role: 'status' } });
  const seed = numberField({
    label: 'Seed',
    ...limits.seed,
    value: settings.seed,
    onChange: (seed) => onChange({ seed }),
  });
  const another = button('Draw another', () =>
    onChange({ preset: 'random', seed: (current.seed + 1) % (limits.seed.max + 1) }),
  );
  const noise = slider({
    label: 'Noise on what the models see',
    ...ranges.noise,
    step: 0.01,
    value: settings.noise,
    format: (value) => value.toFixed(2),
    onInput: (noise) => onChange({ noise }),
  });
  const editing = toggle('Draw and change particles', settings.editing, (editing) => onChange({ editing }));
  const model = choice<ModelChoice>({
    label: 'Ghosts',
    options: [
      { value: 'shipped', label: 'shipped model' },
      { value: 'trained', label: 'trained here' },
    ],
    value: settings.model,
    onChange: (model) => onChange({ model }),
  });
  const trainedInput = model.element.querySelector<HTMLInputElement>('input[value="trained"]')!;
  trainedInput.disabled = true;
  let current = settings;

  return {
    element: element(
      'div',
      { className: 'panel stack' },
      element('div', { className: 'field' }, element('label', { htmlFor: preset.id }, 'System'), preset),
      about,
      element('div', { className: 'seed-row' }, seed.element, another),
      editing.element,
      warning,
      noise.element,
      model.element,
    ),
    show(next) {
      current = next;
      preset.value = next.preset;
      seed.set(next.seed);
      noise.set(next.noise);
      editing.set(next.editing);
      model.set(next.model);
      about.textContent =
        next.preset === 'random'
          ? randomAbout
          : next.preset === 'own'
            ? ownAbout
            : presets[next.preset].about;
      const unseen = departures(systemOfSettings(next));
      warning.hidden = unseen.length === 0;
      warning.textContent =
        unseen.length === 0
          ? ''
          : `The model has not seen this: ${unseen.join(', ')}. It was trained on the data set’s 5 particles with charges of −1 or 1, speed 0.5 and unit masses.`;
    },
    setTrained(available) {
      trainedInput.disabled = !available;
    },
  };
}
