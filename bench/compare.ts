/**
 * @file One case on all sides: the same files for everybody, agreement first, then warm-up, then rounds in turn (ours,
 * peer, ours, peer, ...), so that whatever else the machine does disturbs all sides alike.
 */
import { join } from 'node:path';
import { type Agreement, checkAgreement } from './agreement.ts';
import { readArrays } from './arrays.ts';
import type { Case, PeerName } from './cases.ts';
import { LEARNING_RATE } from './model.ts';
import { operationsOf } from './operations.ts';
import { writeProblem } from './problem.ts';
import type { Machine, OursRow, PeerRow, Row } from './rows.ts';
import { Side } from './side.ts';
import { type Summary, summarise } from './statistics.ts';
import { withFolder } from './temporary.ts';

export interface Timing {
  readonly rounds: number;
  /** Of one side's turn in a round. */
  readonly seconds: number;
}

const WARM_UP_SECONDS = 1;

/** @param peers their running processes. @throws Error if the sides do not agree, or one of them fails */
export function compare(
  theCase: Case,
  peers: ReadonlyMap<PeerName, Side>,
  timing: Timing,
  machine: Machine,
): Promise<Row> {
  return withFolder(async (folder) => {
    const counts = await writeProblem(theCase, folder);
    const ours = Side.ours(machine.threads);
    const others = [...peers].filter(([name]) => theCase.goals[name] !== undefined);
    try {
      const agreements = await openAndCheck(theCase, folder, ours, others, machine);
      const summaries = await timeInTurn([ours, ...others.map(([, side]) => side)], timing);
      const { bytes } = await ours.ask({ op: 'peak' });

      const speed = ({ median }: Summary) => operationsOf(theCase, counts) / median / 1e6;
      const own = summaries.get(ours)!;
      const oursRow: OursRow = {
        ms: own.median,
        quartiles: own.quartiles,
        gflops: speed(own),
        shareOfPeak: speed(own) / machine.peakGflops,
        peakMB: bytes / 1e6,
      };
      const peerRows = others.map(([name, side]): [PeerName, PeerRow] => {
        const summary = summaries.get(side)!;
        const row = {
          ms: summary.median,
          quartiles: summary.quartiles,
          gflops: speed(summary),
          ratio: summary.median / own.median,
          goal: theCase.goals[name],
          agreement: agreements.get(name)!,
        };
        return [name, row];
      });
      return {
        case: theCase.name,
        ours: oursRow,
        peers: Object.fromEntries(peerRows),
        goals: [...peerGoals(peerRows), ...memoryGoals(theCase, oursRow)],
        note: `${counts.nodes.toLocaleString('en')} nodes, ${counts.edges.toLocaleString('en')} edges`,
      };
    } finally {
      await ours.close();
    }
  });
}

/** Opens the case on all sides. @returns how closely each peer agrees with ours */
async function openAndCheck(
  theCase: Case,
  folder: string,
  ours: Side,
  others: readonly [PeerName, Side][],
  machine: Machine,
): Promise<Map<PeerName, Agreement>> {
  const open = { op: 'open', case: theCase, folder, learningRate: LEARNING_RATE } as const;
  const agreements = new Map<PeerName, Agreement>();
  machine.ours = (await ours.ask(open)).about;
  if (others.length === 0) return agreements;
  const results = await firstResults(ours, folder);
  for (const [name, side] of others) {
    machine.peers[name] = (await side.ask(open)).about;
    try {
      agreements.set(name, checkAgreement(results, await firstResults(side, folder)));
    } catch (error) {
      throw new Error(`ours and ${name} do not agree: ${(error as Error).message}`);
    }
  }
  return agreements;
}

async function firstResults(side: Side, folder: string) {
  const file = join(folder, `${side.name}.safetensors`);
  await side.ask({ op: 'check', file });
  return readArrays(file);
}

/** Every side's times, a turn each a round. */
export async function timeInTurn(
  sides: readonly Side[],
  { rounds, seconds }: Timing,
): Promise<Map<Side, Summary>> {
  const samples = new Map<Side, number[]>(sides.map((side) => [side, []]));
  for (const side of sides) await side.ask({ op: 'run', seconds: WARM_UP_SECONDS });
  for (let round = 0; round < rounds; round++)
    for (const side of sides) {
      const { milliseconds } = await side.ask({ op: 'run', seconds });
      samples.get(side)!.push(...milliseconds);
    }
  return new Map(sides.map((side) => [side, summarise(samples.get(side)!)]));
}

function peerGoals(rows: readonly [PeerName, PeerRow][]): Row['goals'] {
  return rows.map(([name, { ratio, goal = 0 }]) => ({
    wanted: `${goal} times faster than ${name}`,
    met: ratio >= goal,
  }));
}

function memoryGoals({ maximumPeakMB }: Case, { peakMB = 0 }: OursRow): Row['goals'] {
  if (maximumPeakMB === undefined) return [];
  return [{ wanted: `< ${maximumPeakMB} MB`, met: peakMB < maximumPeakMB }];
}
