/**
 * @file Whether two sides compute the same: before anything is timed, their outputs, or the loss, the gradients and
 * the weights after one Adam step, must be equal to float32 accuracy. A difference is the largest one of an array over
 * the array's largest magnitude.
 *
 * Adam's first step moves every weight by the learning rate times the sign of its gradient. Where a gradient is so
 * small that rounding decides its sign, weights may differ without anybody being wrong: there, only gradients count.
 */
import type { Arrays, NumberArray } from './arrays.ts';

const TOLERANCES = { output: 1e-5, loss: 1e-5, gradient: 2e-4, weight: 1e-5 } as const;
type Kind = keyof typeof TOLERANCES;
/** Weights are compared where the gradient is larger than this share of its array's largest. */
const SIGNIFICANT = 1e-3;

export type Agreement = Partial<Record<Kind, number>>;

/** @returns the largest difference of each kind. @throws Error naming arrays that differ by more than is allowed */
export function checkAgreement(ours: Arrays, theirs: Arrays): Agreement {
  const agreement: Agreement = {};
  const problems: string[] = [];
  const names = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  for (const name of names) {
    const kind = name.split('.')[0] as Kind;
    const difference = differenceOf(name, ours, theirs);
    agreement[kind] = Math.max(agreement[kind] ?? 0, difference);
    if (!(difference <= TOLERANCES[kind])) problems.push(`${name} by ${difference.toExponential(1)}`);
  }
  if (problems.length > 0)
    throw new Error(`${problems.length} arrays of ${names.size} differ: ${problems.slice(0, 4).join(', ')}`);
  return agreement;
}

function differenceOf(name: string, ours: Arrays, theirs: Arrays): number {
  const [a, b] = [ours[name]?.data, theirs[name]?.data];
  if (!a || !b || a.length !== b.length) return Number.POSITIVE_INFINITY;
  const gradient = name.startsWith('weight.') ? ours[name.replace('weight.', 'gradient.')] : undefined;
  const threshold = gradient ? SIGNIFICANT * magnitude(gradient) : 0;
  let difference = 0;
  for (let k = 0; k < a.length; k++) {
    if (gradient && Math.abs(gradient.data[k]) < threshold) continue;
    const distance = Math.abs(a[k] - b[k]);
    if (!(distance <= difference)) difference = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
  }
  return difference === 0 ? 0 : difference / (magnitude(ours[name]) || 1);
}

function magnitude({ data }: NumberArray): number {
  let largest = 0;
  for (const value of data) largest = Math.max(largest, Math.abs(value));
  return largest;
}
