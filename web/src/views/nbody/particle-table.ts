/** @file The start of a system as numbers that can be changed, one particle a row. */
import { button } from '../../components/controls.ts';
import { element } from '../../components/dom.ts';
import { chargeChoices, limits, type Particle } from './system.ts';

export interface ParticleTableEvents {
  onChange(particle: number, values: Particle): void;
  onAdd(charge: 1 | -1): void;
  onRemove(particle: number): void;
}

export interface ParticleTable {
  readonly element: HTMLElement;
  show(particles: readonly Particle[]): void;
}

interface Row {
  readonly element: HTMLTableRowElement;
  readonly charge: HTMLSelectElement;
  /** Positions, then velocities. */
  readonly numbers: readonly HTMLInputElement[];
  readonly remove: HTMLButtonElement;
}

const names = ['x', 'y', 'z', 'vx', 'vy', 'vz'] as const;

export function createParticleTable(events: ParticleTableEvents): ParticleTable {
  let rows: Row[] = [];
  const body = element('tbody');
  const add = ([1, -1] as const).map((charge) =>
    button(charge > 0 ? 'Add a positive charge' : 'Add a negative charge', () => events.onAdd(charge)),
  );
  const heading = (text: string) => element('th', { scope: 'col' }, text);
  const table = element(
    'table',
    { className: 'particles' },
    element('caption', {}, 'Where each particle starts, and how fast'),
    element(
      'thead',
      {},
      element('tr', {}, heading('#'), heading('Charge'), ...names.map(heading), element('td', {})),
    ),
    body,
  );

  const createRow = (particle: number): Row => {
    const charge = element(
      'select',
      { attributes: { 'aria-label': `Charge of particle ${particle + 1}` } },
      ...chargeChoices.map((value) => element('option', { value: String(value) }, signed(value))),
    );
    const numbers = names.map((name, k) => {
      const limit = k < 3 ? limits.position : limits.velocity;
      const input = element('input', {
        type: 'number',
        min: String(-limit),
        max: String(limit),
        step: 'any',
        attributes: { 'aria-label': `${name} of particle ${particle + 1}` },
      });
      return input;
    });
    const changed = () => {
      if (numbers.some((input) => input.value === '' || !input.validity.valid)) return;
      const [x, y, z, vx, vy, vz] = numbers.map((input) => input.valueAsNumber);
      events.onChange(particle, {
        charge: Number(charge.value),
        position: [x, y, z],
        velocity: [vx, vy, vz],
      });
    };
    for (const control of [charge, ...numbers]) control.addEventListener('input', changed);
    const remove = button('×', () => events.onRemove(particle));
    remove.setAttribute('aria-label', `Remove particle ${particle + 1}`);
    const cells = [charge, ...numbers, remove].map((control) => element('td', {}, control));
    const number = element('th', { scope: 'row' }, String(particle + 1));
    return { element: element('tr', {}, number, ...cells), charge, numbers, remove };
  };

  return {
    element: element(
      'div',
      { className: 'stack' },
      element(
        'div',
        { className: 'scroll', tabIndex: 0, attributes: { role: 'region', 'aria-label': 'Particles' } },
        table,
      ),
      element('div', { className: 'row' }, ...add),
    ),
    show(particles) {
      while (rows.length < particles.length) rows.push(createRow(rows.length));
      for (const row of rows.slice(particles.length)) row.element.remove();
      rows = rows.slice(0, particles.length);
      for (const [i, { charge, position, velocity }] of particles.entries()) {
        const row = rows[i];
        row.charge.value = String(charge);
        // Not while it is written: `0.` would lose its point.
        for (const [k, value] of [...position, ...velocity].entries())
          if (row.numbers[k] !== document.activeElement)
            row.numbers[k].value = String(Number(value.toFixed(3)));
        row.remove.disabled = particles.length <= limits.particles.min;
        if (!row.element.isConnected) body.append(row.element);
      }
      for (const one of add) one.disabled = particles.length >= limits.particles.max;
    },
  };
}

function signed(charge: number): string {
  return charge > 0 ? `+${charge}` : `−${-charge}`;
}
