/** @file What the view shows, as it stands in the address: `#/layer?nodes=5&seed=1&node=2&step=sum&turn=30`. */
import { type StepName, steps } from './steps.ts';

export interface Settings {
  readonly nodes: number;
  readonly seed: number;
  /** Degrees by which the graph is turned */
  readonly turn: number;
  /** The node that is looked at, counted from 0; in the address and in the picture from 1 */
  readonly node: number;
  readonly step: StepName;
}

export const limits = {
  nodes: { min: 2, max: 7 },
  seed: { min: 0, max: 9999 },
  turn: { min: -180, max: 180 },
} as const;

export function readSettings(get: (name: string) => string | undefined): Settings {
  const whole = (name: string, { min, max }: { min: number; max: number }, otherwise: number) => {
    const value = Number(get(name) ?? Number.NaN);
    return Number.isInteger(value) && value >= min && value <= max ? value : otherwise;
  };
  const nodes = whole('nodes', limits.nodes, 5);
  return {
    nodes,
    seed: whole('seed', limits.seed, 158),
    turn: whole('turn', limits.turn, 0),
    node: whole('node', { min: 1, max: nodes }, 1) - 1,
    step: steps.find(({ name }) => name === get('step'))?.name ?? 'inputs',
  };
}

export function writeSettings(settings: Settings): Record<string, string | undefined> {
  return {
    nodes: String(settings.nodes),
    seed: String(settings.seed),
    turn: settings.turn === 0 ? undefined : String(settings.turn),
    node: String(settings.node + 1),
    step: settings.step,
  };
}
