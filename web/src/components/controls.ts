/** @file Labelled controls: a slider with its number, one of several, a whole number, a button. */
import './controls.css';
import { element } from './dom.ts';

/** A control, and how to show a value that came from elsewhere; that calls nobody. */
export interface Control<Value> {
  readonly element: HTMLElement;
  set(value: Value): void;
}

let lastId = 0;
function newId(): string {
  return `control-${++lastId}`;
}

export interface SliderOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  /** The number beside the label, with its unit. */
  format?(value: number): string;
  onInput(value: number): void;
}

export function slider(options: SliderOptions): Control<number> {
  const { label, min, max, step, format = String, onInput } = options;
  const id = newId();
  const input = element('input', { id, type: 'range' });
  Object.assign(input, { min, max, step });
  const output = element('output', { attributes: { for: id } });
  const show = (value: number) => {
    output.textContent = format(value);
    input.setAttribute('aria-valuetext', format(value));
  };
  input.addEventListener('input', () => {
    show(input.valueAsNumber);
    onInput(input.valueAsNumber);
  });
  const set = (value: number) => {
    input.value = String(value);
    show(value);
  };
  set(options.value);
  const heading = element('div', { className: 'slider-label' }, labelOf(id, label), output);
  return { element: element('div', { className: 'field slider' }, heading, input), set };
}

export interface ChoiceOptions<Value extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly value: Value;
  onChange(value: Value): void;
}

/** Radio buttons side by side, for a few short options. */
export function choice<Value extends string>(options: ChoiceOptions<Value>): Control<Value> {
  const name = newId();
  const inputs = options.options.map(({ value }) => {
    const input = element('input', { type: 'radio', name, value, checked: value === options.value });
    input.addEventListener('change', () => options.onChange(value));
    return input;
  });
  const labels = options.options.map(({ label }, k) => element('label', {}, inputs[k], label));
  return {
    element: element(
      'fieldset',
      { className: 'choice' },
      element('legend', {}, options.label),
      element('div', { className: 'row' }, ...labels),
    ),
    set(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}

export interface NumberFieldOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly value: number;
  /** Called with whole numbers within the limits alone; others are marked as invalid. */
  onChange(value: number): void;
}

export function numberField({ label, min, max, value, onChange }: NumberFieldOptions): Control<number> {
  const id = newId();
  const input = element('input', { id, type: 'number' });
  Object.assign(input, { min, max, step: 1, value });
  input.addEventListener('input', () => {
    if (input.value !== '' && input.validity.valid) onChange(input.valueAsNumber);
  });
  return {
    element: element('div', { className: 'field' }, labelOf(id, label), input),
    set(next) {
      input.value = String(next);
    },
  };
}

export function button(label: string, onClick: () => void): HTMLButtonElement {
  const created = element('button', { type: 'button' }, label);
  created.addEventListener('click', onClick);
  return created;
}

/** A button that stays down: `aria-pressed` says whether it is. */
export function toggle(
  label: string,
  pressed: boolean,
  onChange: (pressed: boolean) => void,
): Control<boolean> {
  const created = button(label, () => {
    const next = created.getAttribute('aria-pressed') !== 'true';
    set(next);
    onChange(next);
  });
  const set = (value: boolean) => created.setAttribute('aria-pressed', String(value));
  set(pressed);
  return { element: created, set };
}

function labelOf(id: string, text: string): HTMLLabelElement {
  return element('label', { htmlFor: id }, text);
}
