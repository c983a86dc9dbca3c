/**
 * @file Charged particles in a vacuum, as the authors simulate them (section 5.1 of the paper).
 *
 * Each particle carries a charge of +1 or -1 and mass 1. The force on i is Coulomb's, strength 1:
 *
 *     F_i = sum_j q_i q_j (x_i - x_j) / |x_i - x_j|^3,   each component clipped to +-100,
 *
 * integrated by leapfrog with dt = 0.001: every step kicks, v += dt F, then drifts, x += dt v. A frame is taken every
 * `sampleEvery` steps, after the drift; the start itself is none. The box of +-5 only reflects particles that start
 * outside of it.
 *
 * Close encounters are chaotic: rounding in the last bit grows until, in about 4 trajectories of 100, a position has
 * changed by more than 1e-4 after 3,000 steps. The authors' own code shows as much between installations of numpy, so
 * its last bits are not imitated: distances come from differences here, which round less than its |a|^2 + |b|^2 - 2ab.
 *
 * Nothing here needs Node.
 */
import type { MersenneTwister } from '../../random/mersenne-twister.ts';

const TIME_STEP = 0.001;
const MAX_FORCE = 0.1 / TIME_STEP;
const BOX = 5;
const INITIAL_SPEED = 0.5;

/** Particles at one moment, in float64. */
export interface Particles {
  /** [N, 3] */
  positions: Float64Array;
  /** [N, 3] */
  velocities: Float64Array;
  /** [N], each -1 or 1 */
  charges: Int8Array;
}

/** What {@link simulate} returns. */
export interface Trajectory {
  /** [frames, N, 3] */
  positions: Float64Array;
  /** [frames, N, 3] */
  velocities: Float64Array;
  /** [N], each -1 or 1 */
  charges: Int8Array;
}

/** Options of {@link simulate}. */
export interface SimulateOptions {
  /** How many particles; the authors use 5. */
  particles?: number;
  /** How many frames to record; the authors record 49. */
  frames?: number;
  /** Steps of 0.001 from one frame to the next; the first frame lies this many steps after the start. */
  sampleEvery?: number;
  /** Where the charges, positions and velocities are drawn from. */
  random: MersenneTwister;
}

/**
 * Draws and integrates one trajectory. Called again with the same generator it draws the next one of the authors'
 * stream; with `new MersenneTwister(43)` and the default options the first is trajectory 0 of their training set.
 * @throws RangeError if a count is not a positive integer, or as `drawInitial` does
 */
export function simulate(options: SimulateOptions): Trajectory {
  const { particles = 5, frames = 49, sampleEvery = 100, random } = options;
  for (const [name, value] of Object.entries({ particles, frames, sampleEvery })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`invalid ${name}; not a positive integer: ${value}`);
    }
  }
  const state = drawInitial(random, particles);
  skipObservationNoise(random, particles, frames);
  const size = particles * 3;
  const positions = new Float64Array(frames * size);
  const velocities = new Float64Array(frames * size);
  integrate(state, frames, sampleEvery, (frame) => {
    positions.set(state.positions, frame * size);
    velocities.set(state.velocities, frame * size);
  });
  return { positions, velocities, charges: state.charges };
}

/**
 * Draws where particles start: charges +-1 evenly, positions normal with deviation (N / 5)^(1/3), so that the
 * density is the same for every N, and velocities of length 0.5 in a random direction.
 */
export function drawInitial(random: MersenneTwister, particles: number): Particles {
  const charges = Int8Array.from(random.choice([-1, 0, 1], particles, { p: [0.5, 0, 0.5] }));
  const deviation = (particles / 5) ** (1 / 3);
  const positions = drawNormals(random, particles, deviation);
  const velocities = drawNormals(random, particles, 1);
  for (let i = 0; i < velocities.length; i += 3) {
    const [vx, vy, vz] = velocities.subarray(i, i + 3);
    const norm = Math.sqrt(vx * vx + vy * vy + vz * vz);
    for (let k = i; k < i + 3; k++) velocities[k] = (velocities[k] * INITIAL_SPEED) / norm;
  }
  reflect(positions, velocities);
  return { positions, velocities, charges };
}

/** Advances past the noise that the authors draw for every frame and multiply by zero. */
export function skipObservationNoise(random: MersenneTwister, particles: number, frames: number): void {
  random.skipNormals(2 * frames * particles * 3);
}

/** Moves `state` on, in place, and calls `record(frame)` each time it has reached the next frame, until the last. */
export function integrate(
  state: Particles,
  frames: number,
  sampleEvery: number,
  record: (frame: number) => void,
): void {
  const { positions, velocities } = state;
  const charges = Float64Array.from(state.charges);
  const forces = new Float64Array(positions.length);
  for (let frame = 0; frame < frames; frame++) {
    for (let step = 0; step < sampleEvery; step++) {
      coulombForces(positions, charges, forces);
      kickAndDrift(positions, velocities, forces);
    }
    record(frame);
  }
}

/** v += dt F, with each component of F clipped, then x += dt v. */
function kickAndDrift(positions: Float64Array, velocities: Float64Array, forces: Float64Array): void {
  for (let k = 0; k < positions.length; k++) {
    const force = forces[k];
    const clipped = force > MAX_FORCE ? MAX_FORCE : force < -MAX_FORCE ? -MAX_FORCE : force;
    const velocity = velocities[k] + TIME_STEP * clipped;
    velocities[k] = velocity;
    positions[k] += TIME_STEP * velocity;
  }
}

/**
 * Writes the unclipped forces, [N, 3]. A pair is computed once and serves both partners, with opposite signs; each
 * particle still receives its partners in ascending order, as a sum over a row would add them.
 */
function coulombForces(positions: Float64Array, charges: Float64Array, forces: Float64Array): void {
  const size = positions.length;
  for (let k = 0; k < size; k++) forces[k] = 0;
  for (let i = 0, a = 0; a < size; i++, a += 3) {
    const x = positions[a];
    const y = positions[a + 1];
    const z = positions[a + 2];
    const charge = charges[i];
    let fx = forces[a];
    let fy = forces[a + 1];
    let fz = forces[a + 2];
    for (let j = i + 1, b = a + 3; b < size; j++, b += 3) {
      const dx = x - positions[b];
      const dy = y - positions[b + 1];
      const dz = z - positions[b + 2];
      const r2 = dx * dx + dy * dy + dz * dz;
      const strength = (charge * charges[j]) / (r2 * Math.sqrt(r2));
      const px = strength * dx;
      const py = strength * dy;
      const pz = strength * dz;
      fx += px;
      fy += py;
      fz += pz;
      forces[b] -= px;
      forces[b + 1] -= py;
      forces[b + 2] -= pz;
    }
    forces[a] = fx;
    forces[a + 1] = fy;
    forces[a + 2] = fz;
  }
}

/** Draws a [3, N] array in numpy's order and hands it back as [N, 3]. */
function drawNormals(random: MersenneTwister, particles: number, deviation: number): Float64Array {
  const normals = new Float64Array(particles * 3);
  for (let axis = 0; axis < 3; axis++) {
    for (let i = 0; i < particles; i++) normals[i * 3 + axis] = random.randn() * deviation;
  }
  return normals;
}

/** Mirrors what lies outside of the box at its wall, and lets it move inwards. */
function reflect(positions: Float64Array, velocities: Float64Array): void {
  for (let k = 0; k < positions.length; k++) {
    while (Math.abs(positions[k]) > BOX) {
      const side = Math.sign(positions[k]);
      positions[k] = side * 2 * BOX - positions[k];
      velocities[k] = -side * Math.abs(velocities[k]);
    }
  }
}
