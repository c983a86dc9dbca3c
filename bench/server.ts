/**
 * @file `npm run test:load`: the server under load, beside `egnn predict` on the same molecules in the same minutes.
 *
 *   npm run test:load -- [--seconds S] [--overload S] [--threads N] [--clients 1,8,32,64] [--rounds N]
 *
 * Molecules of 12 to 24 atoms, one a request, as JSON; a network of 4 layers by 64 with random weights. Throughput is
 * measured with closed loops of clients; each round also times `egnn predict`, without its start. Then, once, twice the
 * best throughput is asked of it at a constant rate. Results are lines of JSON.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { writeXyz } from '../src/formats/index.ts';
import { writeModelFolder } from '../src/models/folder.ts';
import { buildNetwork, type ModelConfig } from '../src/models/index.ts';
import { MersenneTwister } from '../src/random/mersenne-twister.ts';
import { startEngine } from '../src/start-engine.ts';
import { askPaced } from './paced-load.ts';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const MOLECULES = 10_000;
/** So many connections ask for the overload, each of which waits for its answer. */
const OVERLOAD_CONNECTIONS = 256;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    overload: { type: 'string', default: '60' },
    threads: { type: 'string', default: '1' },
    clients: { type: 'string', default: '1,4,16,32,64' },
    rounds: { type: 'string', default: '2' },
  },
});

const config: ModelConfig = {
  format: 'egnn-model',
  version: 1,
  network: {
    kind: 'egnn',
    inputFeatures: 15,
    hiddenFeatures: 64,
    layers: 4,
    attention: true,
    updateCoordinates: false,
    readout: { outputs: 1 },
  },
  edges: 'complete',
  atoms: { elements: ['H', 'C', 'N', 'O', 'F'], chargePowers: [0, 1, 2], maximumCharge: 9 },
  outputs: [{ name: 'mu', unit: 'D', mean: 2.7, scale: 1.5 }],
};

const random = new MersenneTwister(1);
const molecules = Array.from({ length: MOLECULES }, (_, k) => {
  const atoms = 12 + Math.floor(random.uniform(0, 13));
  return {
    name: `molecule ${k + 1}`,
    numbers: Uint8Array.from({ length: atoms }, () => [1, 6, 7, 8, 9][Math.floor(random.uniform(0, 5))]),
    positions: Float64Array.from({ length: 3 * atoms }, () => Math.round(random.uniform(0, 6e4)) / 1e4),
    properties: new Map(),
    columns: new Map(),
  };
});
const bodies = molecules.map(({ numbers, positions }) => {
  const rows = Array.from(numbers, (_, i) => [...positions.subarray(3 * i, 3 * i + 3)]);
  return JSON.stringify({ molecules: [{ numbers: [...numbers], positions: rows }] });
});

const folder = mkdtempSync(join(tmpdir(), 'egnn-load-'));
const model = join(folder, 'qm9');
const file = join(folder, 'molecules.xyz');
const engine = await startEngine({ backend: 'reference' });
await writeModelFolder(model, { config, state: await buildNetwork(engine, config.network).stateDict() });
engine.close();
writeFileSync(file, writeXyz(molecules));
const print = (row: object) => console.log(JSON.stringify(row));

/** Molecules a second of `egnn predict`, the time of a run of one molecule taken off. */
function predictRate(): number {
  const one = join(folder, 'one.xyz');
  writeFileSync(one, writeXyz(molecules.slice(0, 1)));
  const time = (input: string) => {
    const start = performance.now();
    const args = [MAIN, 'predict', model, input, '--threads', values.threads, '--to', 'jsonl', '--quiet'];
    const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`egnn predict ended with ${status}`);
    return (performance.now() - start) / 1000;
  };
  return (MOLECULES - 1) / (time(file) - time(one));
}

const server = spawn(process.execPath, [MAIN, 'serve', model, '--port', '0', '--threads', values.threads], {
  stdio: ['ignore', 'ignore', 'pipe'],
});
const address = await new Promise<string>((resolve, reject) => {
  server.once('exit', () => reject(new Error('the server has ended')));
  server.stderr.on('data', (text) => {
    const found = /http:\/\/\S+?(?=,)/.exec(String(text));
    if (found) resolve(found[0]);
    else process.stderr.write(text);
  });
});

const target = `${address}/v1/models/qm9/predict`;

/** Each of the clients sends its next request when it has the answer to the one before. */
async function ask(clients: number, seconds: number) {
  let next = 0;
  const times: number[] = [];
  const before = processorSeconds();
  const { duration, errors, timeouts, non2xx } = await new Promise<autocannon.Result>((resolve, reject) => {
    const run = autocannon(
      {
        url: target,
        method: 'POST',
        connections: clients,
        duration: seconds,
        timeout: 30,
        requests: [
          {
            headers: { 'content-type': 'application/json' },
            setupRequest: (request) => ({ ...request, body: bodies[next++ % MOLECULES] }),
          },
        ],
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
    run.on('response', (_client, status, _bytes, milliseconds) => {
      if (status === 200) times.push(milliseconds);
    });
  });
  return {
    clients,
    perSecond: Math.round(times.length / duration),
    milliseconds: quantiles(times),
    processorMicroseconds: microsecondsOfOne(before, times.length),
    errors: errors + timeouts + non2xx,
  };
}

/** More than it can hold. */
async function overload(rate: number, seconds: number) {
  const before = processorSeconds();
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(memory()), 2_000);
  const { milliseconds, unsent, unanswered } = await askPaced({
    address: new URL(target),
    bodies,
    rate,
    seconds,
    connections: OVERLOAD_CONNECTIONS,
  });
  clearInterval(timer);
  const perSecond = [...milliseconds].map(([status, times]) => [status, Math.round(times.length / seconds)]);
  return {
    overload: rate,
    perSecondByStatus: Object.fromEntries(perSecond),
    acceptedMilliseconds: quantiles(milliseconds.get(200) ?? []),
    refusedMilliseconds: quantiles(milliseconds.get(503) ?? []),
    processorMicroseconds: microsecondsOfOne(before, [...milliseconds.values()].flat().length),
    unsent,
    unanswered,
    memoryMiB: samples,
  };
}

/** Of one core for one answer: the server, its process that reads, and the one that computes. */
function microsecondsOfOne(before: readonly number[], answers: number): number[] {
  return processorSeconds().map((now, k) => Math.round((1e6 * (now - before[k])) / answers));
}

function quantiles(times: number[]) {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(10 * sorted[Math.floor(share * (sorted.length - 1))]) / 10;
  return sorted.length === 0 ? undefined : { p50: at(0.5), p99: at(0.99), most: at(1) };
}

/** The server, and the processes that it has started. */
function processes(): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(server.pid)], { encoding: 'utf8' });
  return [server.pid!, ...stdout.trim().split(/\s+/).map(Number)];
}

/** What each of them has used so far; Linux alone says it, in hundredths. */
function processorSeconds(): number[] {
  return processes().map((id) => {
    const fields = readFileSync(`/proc/${id}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  });
}

/** Resident memory of the server and its processes, in MiB. */
function memory(): number {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', processes().join(',')], { encoding: 'utf8' });
  return Math.round(
    stdout
      .trim()
      .split(/\s+/)
      .map(Number)
      .reduce((a, b) => a + b, 0) / 1024,
  );
}

try {
  await ask(16, 3);
  let most = 0;
  for (let round = 0; round < Number(values.rounds); round++) {
    const predict = predictRate();
    print({ predictPerSecond: Math.round(predict) });
    for (const clients of values.clients.split(',').map(Number)) {
      const row = await ask(clients, Number(values.seconds));
      most = Math.max(most, row.perSecond);
      print({ ...row, shareOfPredict: Math.round((100 * row.perSecond) / predict) / 100 });
    }
  }
  if (Number(values.overload) > 0) print(await overload(2 * most, Number(values.overload)));
} finally {
  server.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
