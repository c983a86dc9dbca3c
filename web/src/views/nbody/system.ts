/**
 * @file A system of charged particles as the view has it: where they start. Drawn as the data set draws them, put down by
 * hand, or read from the address.
 */
import { MersenneTwister } from 'egnn';
import { drawInitial } from 'egnn/nbody';

/** In the simulation's units: masses are 1, and the force between unit charges at distance 1 is 1. */
export interface System {
  /** [N], whole numbers other than 0 */
  readonly charges: readonly number[];
  /** [N, 3] */
  readonly positions: readonly number[];
  /** [N, 3] */
  readonly velocities: readonly number[];
}

/** One particle of a system. */
export interface Particle {
  readonly charge: number;
  readonly position: readonly [number, number, number];
  readonly velocity: readonly [number, number, number];
}

export const limits = {
  particles: { min: 2, max: 10 },
  /** Of a coordinate. */
  position: 6,
  /** Of a component. */
  velocity: 3,
  /** Of a random system's seed. */
  seed: { min: 0, max: 2 ** 32 - 1 },
} as const;

export const chargeChoices = [-2, -1, 1, 2] as const;

/** Of a random system; the only number of particles that the shipped model has seen. */
const TRAINED_PARTICLES = 5;
/** The initial speed of the data set. */
const TRAINED_SPEED = 0.5;
/** Hardly one coordinate in ten million of the data set lies outside: five deviations, where its box is. */
const TRAINED_REACH = 5;
const DIGITS = 3;

/** The system that the data set's generator draws first from this seed; 43 gives its first training trajectory. */
export function randomSystem(seed: number): System {
  const { charges, positions, velocities } = drawInitial(new MersenneTwister(seed), TRAINED_PARTICLES);
  return { charges: [...charges], positions: [...positions], velocities: [...velocities] };
}

export function particlesOf({ charges, positions, velocities }: System): Particle[] {
  const row = (values: readonly number[], i: number) =>
    values.slice(3 * i, 3 * i + 3) as unknown as readonly [number, number, number];
  return charges.map((charge, i) => ({
    charge,
    position: row(positions, i),
    velocity: row(velocities, i),
  }));
}

/** Numbers are brought within their limits and to the digits that the address keeps. */
export function systemOf(particles: readonly Particle[]): System {
  return {
    charges: particles.map(({ charge }) => charge),
    positions: particles.flatMap(({ position }) => position.map((x) => within(x, limits.position))),
    velocities: particles.flatMap(({ velocity }) => velocity.map((v) => within(v, limits.velocity))),
  };
}

function within(value: number, limit: number): number {
  const rounded = Number(Math.min(limit, Math.max(-limit, value)).toFixed(DIGITS));
  return rounded === 0 ? 0 : rounded;
}

/** `CHARGE,x,y,z,vx,vy,vz` for each particle, with `;` between them. */
export function formatSystem(system: System): string {
  return particlesOf(system)
    .map(({ charge, position, velocity }) =>
      [charge, ...position, ...velocity].map((value) => Number(value.toFixed(DIGITS))).join(','),
    )
    .join(';');
}

/** Undefined for what `formatSystem` does not write. */
export function parseSystem(text: string): System | undefined {
  const rows = text.split(';').map((row) => row.split(','));
  const { min, max } = limits.particles;
  if (rows.length < min || rows.length > max) return undefined;
  const particles: Particle[] = [];
  for (const row of rows) {
    const numbers = row.map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell)));
    if (numbers.length !== 7 || !numbers.every(Number.isFinite)) return undefined;
    const [charge, x, y, z, vx, vy, vz] = numbers;
    if (!chargeChoices.some((choice) => choice === charge)) return undefined;
    if (Math.max(...[x, y, z].map(Math.abs)) > limits.position) return undefined;
    if (Math.max(...[vx, vy, vz].map(Math.abs)) > limits.velocity) return undefined;
    particles.push({ charge, position: [x, y, z], velocity: [vx, vy, vz] });
  }
  return systemOf(particles);
}

/** What of a system the shipped model has never seen, in words; empty where it is like the data set. */
export function departures({ charges, positions, velocities }: System): string[] {
  const found: string[] = [];
  if (charges.length !== TRAINED_PARTICLES) found.push(`${charges.length} particles`);
  const others = new Set(charges.filter((charge) => Math.abs(charge) !== 1));
  if (others.size > 0) found.push(`charges of ${[...others].sort((a, b) => a - b).join(' and ')}`);
  const speeds = charges.map((_, i) => Math.hypot(...velocities.slice(3 * i, 3 * i + 3)));
  if (speeds.some((speed) => Math.abs(speed - TRAINED_SPEED) > 0.01))
    found.push(`initial speeds other than ${TRAINED_SPEED}`);
  if (positions.some((x) => Math.abs(x) > TRAINED_REACH)) found.push('particles outside of its box');
  return found;
}
