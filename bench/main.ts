/**
 * @file `npm run bench`: how fast the engine is, beside PyTorch and JAX on the same machine in the same run.
 *
 *   npm run bench -- [--peer torch] [--peer jax] [--case NAME ...] [--threads N] [--python PATH]
 *                    [--rounds N] [--seconds S] [--json | --markdown]
 *
 * Every case runs in a fresh process of ours, so that its peak memory is its own; peers run in one process each.
 */
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { type Case, cases, type PeerName, peerNames } from './cases.ts';
import { compare, type Timing } from './compare.ts';
import { measurePeak, probes } from './probes.ts';
import { pythonWith } from './python.ts';
import type { Machine, Row } from './rows.ts';
import { Side } from './side.ts';
import { conditions, markdownTable, textTable } from './table.ts';

const allNames = [...cases.map(({ name }) => name), ...Object.keys(probes)];

/** The rows called so, or, for `scaling`, all called `scaling-...`. */
function namesLike(given: readonly string[]): string[] {
  return given.flatMap((wanted) => {
    const found = allNames.filter((name) => name === wanted || name.startsWith(`${wanted}-`));
    if (found.length > 0) return found;
    throw new RangeError(`--case must be one of ${allNames.join(', ')}; got ${wanted}`);
  });
}

interface Options {
  readonly names: readonly string[];
  readonly peers: readonly PeerName[];
  readonly python: string | undefined;
  readonly threads: number;
  readonly timing: Timing;
  readonly form: 'text' | 'json' | 'markdown';
}

/** @throws RangeError or TypeError naming the option and what it takes */
function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      case: { type: 'string', multiple: true },
      peer: { type: 'string', multiple: true },
      python: { type: 'string' },
      threads: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      json: { type: 'boolean' },
      markdown: { type: 'boolean' },
    },
  });
  const chosen = <T extends string>(option: string, given: string[] | undefined, allowed: readonly T[]) => {
    for (const name of given ?? [])
      if (!allowed.includes(name as T))
        throw new RangeError(`--${option} must be one of ${allowed.join(', ')}; got ${name}`);
    return (given ?? []) as T[];
  };
  const positive = (option: 'threads' | 'rounds' | 'seconds', fallback: number) => {
    const value = Number(values[option] ?? fallback);
    if (!(value > 0 && (option === 'seconds' || Number.isInteger(value))))
      throw new RangeError(`--${option} must be a positive number; got ${values[option]}`);
    return value;
  };
  return {
    names: values.case ? namesLike(values.case) : allNames,
    peers: chosen('peer', values.peer, peerNames),
    python: values.python,
    threads: positive('threads', availableParallelism()),
    timing: { rounds: positive('rounds', 9), seconds: positive('seconds', 0.3) },
    form: values.json ? 'json' : values.markdown ? 'markdown' : 'text',
  };
}

async function describeMachine(threads: number): Promise<Machine> {
  return {
    cpu: cpus()[0].model,
    cores: availableParallelism(),
    memoryGB: totalmem() / 1e9,
    threads,
    system: `${platform()} ${arch()}`,
    node: process.version,
    peakGflops: await measurePeak(threads),
    ours: '',
    peers: {},
  };
}

/** A case's row, and its time held against that of the case it should be proportional to. */
async function caseRow(
  theCase: Case,
  rows: Map<string, Row>,
  run: (theCase: Case) => Promise<Row>,
): Promise<Row> {
  const row = await run(theCase);
  if (!theCase.linearTo) return row;
  const { name, factor, within } = theCase.linearTo;
  const smaller = rows.get(name) ?? (await run(cases.find((known) => known.name === name)!));
  const growth = row.ours.ms! / (factor * smaller.ours.ms!);
  const wanted = `time at most ${100 * within} % above linear from ${name}`;
  return {
    ...row,
    goals: [...row.goals, { wanted, met: growth <= 1 + within }],
    note: `${row.note}; time / (${factor} x ${name}) = ${growth.toFixed(2)}`,
  };
}

async function main(): Promise<void> {
  const { names, peers, python, threads, timing, form } = readOptions();
  const machine = await describeMachine(threads);
  const running = new Map<PeerName, Side>();
  if (peers.length > 0) {
    const interpreter = pythonWith(peers, python);
    for (const name of peers) running.set(name, Side.peer(name, interpreter, threads));
  }
  const rows = new Map<string, Row>();
  for (const name of names) {
    console.error(`${name} ...`);
    try {
      const theCase = cases.find((known) => known.name === name);
      const row = theCase
        ? await caseRow(theCase, rows, (each) => compare(each, running, timing, machine))
        : await probes[name](timing, machine);
      rows.set(name, row);
    } catch (error) {
      const { message } = error as Error;
      console.error(`${name} FAILED: ${message}`);
      process.exitCode = 1;
      rows.set(name, { case: name, ours: {}, peers: {}, goals: [], error: message });
    }
  }
  for (const side of running.values()) await side.close();
  print([...rows.values()], machine, timing.rounds, form);
}

function print(rows: readonly Row[], machine: Machine, rounds: number, form: Options['form']): void {
  if (form === 'json') {
    console.log(JSON.stringify({ rows, machine }, undefined, 2));
    return;
  }
  const lines = conditions(machine, rounds);
  if (form === 'markdown')
    console.log([...lines.map((line) => `* ${line}`), '', markdownTable(rows)].join('\n'));
  else console.log([...lines, '', textTable(rows)].join('\n'));
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
