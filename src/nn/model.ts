/** @file What every model of the family has: parameters, weights that travel, and a printed form. */
import type { Numbers } from '../backends/backend.ts';
import { MersenneTwister } from '../random/mersenne-twister.ts';
import type { Engine } from '../tensor/engine.ts';
import { ParameterSet } from '../tensor/parameters.ts';
import {
  externalShape,
  readStateDict,
  type StateDict,
  type StateEntry,
  writeStateDict,
} from './state-dict.ts';

export abstract class Model {
  abstract readonly name: string;
  readonly engine: Engine;
  readonly parameters: ParameterSet;

  constructor(engine: Engine) {
    this.engine = engine;
    this.parameters = new ParameterSet(engine);
  }

  /** Called at the end of a subclass's constructor: places the parameters and draws their values from `seed`. */
  protected initialise(seed: number): void {
    this.parameters.allocate(new MersenneTwister(seed));
  }

  get parameterCount(): number {
    return this.parameters.size;
  }

  /** The weights under the authors' parameter names, in PyTorch's layout. */
  stateDict(): Promise<Record<string, StateEntry & { data: Numbers }>> {
    return readStateDict(this.parameters);
  }

  /** @throws Error naming missing, unexpected and wrongly shaped weights; nothing is changed then */
  loadStateDict(state: StateDict): void {
    writeStateDict(this.parameters, state);
  }

  /** The model's layers with the shapes and counts of their parameters. */
  toString(): string {
    const lines = [...this.parameters].map((parameter) => ({
      name: parameter.name,
      shape: `[${externalShape(parameter).join(', ')}]`,
      count: parameter.size.toLocaleString('en'),
    }));
    const width = (key: 'name' | 'shape' | 'count') => Math.max(0, ...lines.map((line) => line[key].length));
    const [nameWidth, shapeWidth, countWidth] = [width('name'), width('shape'), width('count')];
    return [
      `${this.name}: ${this.parameterCount.toLocaleString('en')} parameters`,
      ...lines.map(
        ({ name, shape, count }) =>
          `  ${name.padEnd(nameWidth)}  ${shape.padEnd(shapeWidth)}  ${count.padStart(countWidth)}`,
      ),
    ].join('\n');
  }
}
