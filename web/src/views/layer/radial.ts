/** @file How far the sum of the terms is from being radial itself. */
import type { NodeTrace } from './trace.ts';

export interface RadialAnswer {
  /** The neighbour whose line through node i is closest to the direction of the sum. */
  readonly sender: number;
  /** The angle between the two, 0 to 90. */
  readonly degrees: number;
}

export function radialAnswer({ edges, sum }: NodeTrace): RadialAnswer {
  const answers = edges.map(({ sender, difference: [a, b] }) => {
    const along = Math.abs(a * sum[0] + b * sum[1]);
    const across = Math.abs(a * sum[1] - b * sum[0]);
    return { sender, degrees: (Math.atan2(across, along) * 180) / Math.PI };
  });
  return answers.reduce((best, answer) => (answer.degrees < best.degrees ? answer : best));
}
