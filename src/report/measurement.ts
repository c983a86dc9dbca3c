/**
 * @file What a model says of the samples of a data set, condensed to what a report shows: some of the values, counts in
 * bins, and the samples on which it errs most. Plain data, as they stand in a run's report.json.
 */
import { z } from 'zod';

const numbers = z.array(z.number());
const fact = z.tuple([z.string(), z.string()]);
const pairs = z.array(z.tuple([z.number(), z.number()]));

/** A name and a value, as text. */
export type Fact = readonly [name: string, value: string];

const histogram = z.object({
  from: z.number(),
  to: z.number(),
  /** In bins of equal width between `from` and `to`. */
  counts: numbers,
  /** How many lie outside. */
  outside: z.number(),
});
type Histogram = z.infer<typeof histogram>;

const regression = z.object({
  /** What is predicted: `mu`. */
  name: z.string(),
  /** Empty where there is none. */
  unit: z.string(),
  description: z.string(),
  /** Values compared. */
  count: z.number(),
  meanAbsoluteError: z.number(),
  rootMeanSquaredError: z.number(),
  /** Some of the values, at even distances. */
  truth: numbers,
  predicted: numbers,
  /** Of predicted - true. */
  errors: histogram,
  /** The quantiles 0, 0.01, ..., 1 of |predicted - true|. */
  quantiles: numbers,
});
export type Regression = z.infer<typeof regression>;

/** Of pairs of nodes, each with or without an edge. */
const reconstruction = z.object({
  /** Pairs with an edge, in bins of equal width of the predicted probability of an edge, from 0 to 1. */
  edges: numbers,
  /** Pairs without one, likewise. */
  others: numbers,
  /** How many graphs have 0, 1, 2, ... wrong pairs; the last number counts those with more, too. */
  wrongPairs: numbers,
});
export type Reconstruction = z.infer<typeof reconstruction>;

const drawing = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('motion'),
    /** One a particle. */
    charges: numbers,
    /** True positions at moments one after the other, each [particles x 3]; the last is what was to be predicted. */
    path: z.array(numbers).min(2),
    /** [particles x 3] */
    predicted: numbers,
  }),
  z.object({
    kind: z.literal('molecule'),
    /** Symbols of the elements, one an atom. */
    atoms: z.array(z.string()),
    /** In angstrom: [atoms x 3] */
    positions: numbers,
  }),
  z.object({
    kind: z.literal('graph'),
    nodes: z.number(),
    /** Edges that were found, edges that were missed, and pairs without an edge that were taken for one: i < j */
    found: pairs,
    missed: pairs,
    invented: pairs,
  }),
]);
type Drawing = z.infer<typeof drawing>;
export type Motion = Extract<Drawing, { kind: 'motion' }>;
export type MoleculeDrawing = Extract<Drawing, { kind: 'molecule' }>;
export type GraphDrawing = Extract<Drawing, { kind: 'graph' }>;

const worstCase = z.object({ name: z.string(), facts: z.array(fact), drawing });
export type WorstCase = z.infer<typeof worstCase>;

export const measurementSchema = z.object({
  /** Which samples: `test set`. */
  set: z.string(),
  /** What they are called: `molecules`. */
  samples: z.string(),
  count: z.number(),
  /** The epoch whose weights were measured, where it is known. */
  epoch: z.number().optional(),
  regressions: z.array(regression),
  reconstruction: reconstruction.optional(),
  worst: z.array(worstCase),
  /** What makes them the worst, and how to read the drawings. */
  worstNote: z.string(),
  equivariance: z
    .object({
      /** What was compared with what. */
      note: z.string(),
      errors: z.array(z.object({ transformation: z.string(), error: z.number() })),
    })
    .optional(),
});
export type Measurement = z.infer<typeof measurementSchema>;

const BINS = 41;
/** A report says what is cut off; the few worst of many would leave nothing of the others to see. */
const SHOWN_QUANTILE = 0.99;

/**
 * @param about what is predicted
 * @param truth, predicted the same number of values, in the unit
 * @param points how many values to keep at most
 * @throws RangeError if there are no values, or not the same number
 */
export function summariseRegression(
  about: Pick<Regression, 'name' | 'unit' | 'description'>,
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  points: number,
): Regression {
  const count = truth.length;
  if (count === 0 || predicted.length !== count)
    throw new RangeError(`${about.name}: ${count} true and ${predicted.length} predicted values`);
  const errors = Float64Array.from({ length: count }, (_, k) => predicted[k] - truth[k]);
  const sizes = errors.map(Math.abs).sort();
  const sum = (of: (error: number) => number) => errors.reduce((total, error) => total + of(error), 0);
  const rows = evenlySpaced(count, points);
  return {
    ...about,
    count,
    meanAbsoluteError: rounded(sum(Math.abs) / count),
    rootMeanSquaredError: rounded(Math.sqrt(sum((error) => error ** 2) / count)),
    truth: rows.map((row) => rounded(truth[row])),
    predicted: rows.map((row) => rounded(predicted[row])),
    errors: countErrors(errors, quantile(sizes, SHOWN_QUANTILE)),
    quantiles: Array.from({ length: 101 }, (_, percent) => rounded(quantile(sizes, percent / 100))),
  };
}

/** So many of the numbers 0 to `count` - 1, or all of them, at even distances. */
export function evenlySpaced(count: number, most: number): number[] {
  const length = Math.min(count, most);
  return Array.from({ length }, (_, k) => Math.floor((k * count) / length));
}

/** The numbers of the samples with the greatest errors, the worst first. */
export function worstOf(errors: ArrayLike<number>, count: number): number[] {
  return Array.from(errors, (_, k) => k)
    .sort((a, b) => errors[b] - errors[a])
    .slice(0, count);
}

/** Five significant digits: what a plot or a table can show. */
export function rounded(value: number): number {
  return Number(value.toPrecision(5));
}

/** Bins around zero, which is in the middle of one. */
function countErrors(errors: Float64Array, most: number): Histogram {
  const limit = most > 0 ? most : 1;
  const counts = new Array<number>(BINS).fill(0);
  let outside = 0;
  for (const error of errors) {
    const bin = Math.floor(((error + limit) / (2 * limit)) * BINS);
    // The limit itself is an error that there is.
    if (Math.abs(error) <= limit) counts[Math.min(bin, BINS - 1)]++;
    else outside++;
  }
  return { from: rounded(-limit), to: rounded(limit), counts, outside };
}

/** @param sorted ascending, at least one */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
