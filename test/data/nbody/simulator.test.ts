// The simulator against trajectories of the authors' code (seed 43), and against mechanics.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../../src/data/nbody/index.ts';
import { drawInitial } from '../../../src/data/nbody/simulator.ts';
import { MersenneTwister } from '../../../src/random/mersenne-twister.ts';

/** Trajectory 0 of the authors' training set: [5, 3] at a frame, rounded to 1e-6. */
const FRAMES = {
  0: {
    positions: [
      0.445278, 1.459773, -0.516239, 0.867652, -0.602465, -0.264774, -0.454989, 0.731288, 0.21146, 0.038629,
      -0.425219, 0.221485, -0.638899, -1.361163, -0.116314,
    ],
    velocities: [
      0.415644, -0.297114, 0.008386, -0.175633, 0.308819, -0.365376, 0.144496, -0.435852, 0.045154, 0.048562,
      0.415142, 0.154972, 0.306165, 0.118652, -0.355693,
    ],
  },
  30: {
    positions: [
      2.989116, 1.76937, -1.171294, 0.069951, 0.112284, 1.365653, -0.923876, 0.613179, 1.333907, 0.392095,
      0.2991, -1.779881, -0.052069, -2.662732, -1.750437,
    ],
    velocities: [
      1.133811, 0.395681, -0.226607, -0.057065, 0.347776, 0.445389, -0.225307, -0.138823, 0.583005, -0.189401,
      0.304103, -0.741621, 0.077057, -0.799049, -0.572723,
    ],
  },
  40: {
    positions: [
      4.1655, 2.191309, -1.382619, -0.549322, 0.547097, 1.807787, -0.596871, 0.392962, 1.90582, 0.179291,
      0.626066, -2.524871, 0.015715, -3.516546, -2.320727,
    ],
    velocities: [
      1.210228, 0.44258, -0.199363, -2.109756, -0.335923, 1.106972, 1.812876, 0.552082, -0.101203, -0.234694,
      0.349298, -0.749599, 0.06044, -0.898351, -0.569362,
    ],
  },
};

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) {
  expect(actual.length).toBe(expected.length);
  for (let k = 0; k < expected.length; k++) {
    expect(Math.abs(actual[k] - expected[k]), `entry ${k}`).toBeLessThanOrEqual(tolerance);
  }
}

describe('simulate', () => {
  it("repeats the authors' first trajectory, frame by frame", () => {
    const { positions, velocities, charges } = simulate({ random: new MersenneTwister(43) });
    expect([...charges]).toEqual([-1, 1, -1, -1, -1]);
    expect(positions.length).toBe(49 * 5 * 3);
    for (const [frame, expected] of Object.entries(FRAMES)) {
      const at = Number(frame) * 15;
      expectClose(positions.subarray(at, at + 15), expected.positions, 2e-6);
      expectClose(velocities.subarray(at, at + 15), expected.velocities, 2e-6);
    }
  });

  it('goes on in the stream with the next call, as the authors do: trajectories 1 and 2', () => {
    const random = new MersenneTwister(43);
    const charges = [0, 1, 2].map(() => [...simulate({ random }).charges]);
    expect(charges[1]).toEqual([1, -1, 1, 1, 1]);
    expect(charges[2]).toEqual([1, 1, -1, -1, 1]);
  });

  it('conserves momentum, whatever the number of particles', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        fc.integer({ min: 1, max: 12 }),
        (seed, particles) => {
          const momentum = (velocities: Float64Array) =>
            [0, 1, 2].map((axis) => velocities.reduce((sum, v, k) => (k % 3 === axis ? sum + v : sum), 0));
          const start = drawInitial(new MersenneTwister(seed), particles);
          const run = simulate({ particles, frames: 2, sampleEvery: 25, random: new MersenneTwister(seed) });
          expect(run.charges).toEqual(start.charges);
          // Clipping a force breaks Newton's third law; it takes two particles within 0.1 of each other.
          const clipped =
            closestPair(run.positions, particles) < 0.15 || closestPair(start.positions, particles) < 0.15;
          fc.pre(!clipped);
          expectClose(momentum(run.velocities.subarray(-3 * particles)), momentum(start.velocities), 1e-9);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('lets one particle fly straight on', () => {
    const start = drawInitial(new MersenneTwister(5), 1);
    const { positions, velocities } = simulate({
      particles: 1,
      frames: 3,
      sampleEvery: 10,
      random: new MersenneTwister(5),
    });
    const expected = [...start.positions].map((x, k) => x + 0.03 * start.velocities[k]);
    expectClose(positions.subarray(-3), expected, 1e-12);
    expectClose(velocities.subarray(-3), start.velocities, 0);
  });

  it('names an invalid count', () => {
    const random = new MersenneTwister(1);
    expect(() => simulate({ particles: 0, random })).toThrow('invalid particles; not a positive integer: 0');
    expect(() => simulate({ frames: 1.5, random })).toThrow('invalid frames');
    expect(() => simulate({ sampleEvery: -1, random })).toThrow('invalid sampleEvery');
  });
});

describe('the initial state', () => {
  it('lies in the box, with charges of one unit and speed 0.5, for crowds that start outside of it too', () => {
    const { positions, velocities, charges } = drawInitial(new MersenneTwister(3), 2000);
    expect(positions.every((x) => Math.abs(x) <= 5)).toBe(true);
    expect(new Set(charges)).toEqual(new Set([-1, 1]));
    for (let i = 0; i < 2000; i++) {
      expect(Math.hypot(...velocities.subarray(3 * i, 3 * i + 3))).toBeCloseTo(0.5, 12);
    }
  });
});

/** The smallest distance of two particles in any frame of [frames, N, 3]. */
function closestPair(positions: Float64Array, particles: number): number {
  let closest = Number.POSITIVE_INFINITY;
  for (let frame = 0; frame < positions.length; frame += 3 * particles) {
    for (let i = 0; i < particles; i++) {
      for (let j = 0; j < i; j++) {
        const [a, b] = [frame + 3 * i, frame + 3 * j];
        const distance = Math.hypot(...[0, 1, 2].map((k) => positions[a + k] - positions[b + k]));
        closest = Math.min(closest, distance);
      }
    }
  }
  return closest;
}
