/** @file A model's configuration: defaults filled in, and every value held against what it may be. */
import { type Activation, activations } from '../backends/backend.ts';
import { shown } from '../shown.ts';

/** The defaults, overridden by every value of `given` that is not undefined. */
export function withDefaults<D extends object, G extends object>(defaults: D, given: G): D & G {
  const values = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(values) } as D & G;
}

/** @throws TypeError if there is no configuration at all */
export function expectConfig(model: string, config: object, needed: string): void {
  if (typeof config !== 'object' || config === null)
    throw new TypeError(`${model} takes an engine and a configuration with ${needed}; got ${shown(config)}`);
}

/** @throws TypeError naming an option that the model does not have */
export function checkNames(model: string, config: object, known: readonly string[]): void {
  for (const name of Object.keys(config))
    if (!known.includes(name))
      throw new TypeError(`${model} has no option ${name}; it has ${known.join(', ')}`);
}

/** @throws RangeError naming a width or count that is not an integer in its range */
export function checkSizes<Name extends string>(
  config: Readonly<Record<Name, number>>,
  positive: readonly Name[],
  zeroOrMore: readonly Name[],
): void {
  for (const name of positive)
    if (!Number.isInteger(config[name]) || config[name] < 1)
      throw new RangeError(`${name} must be a positive integer; got ${shown(config[name])}`);
  for (const name of zeroOrMore)
    if (!Number.isInteger(config[name]) || config[name] < 0)
      throw new RangeError(`${name} must be 0 or a positive integer; got ${shown(config[name])}`);
}

/** @throws RangeError naming a switch that is no boolean; text, 'false' among it, counts as true where it is asked for */
export function checkFlags<Name extends string>(
  config: Readonly<Record<Name, unknown>>,
  names: readonly Name[],
): void {
  for (const name of names)
    if (typeof config[name] !== 'boolean')
      throw new RangeError(`${name} must be a boolean; got ${shown(config[name])}`);
}

/** @throws RangeError if there is no such activation */
export function checkActivation(activation: Activation): void {
  if (!activations.includes(activation))
    throw new RangeError(`activation must be one of ${activations.join(', ')}; got ${shown(activation)}`);
}
