/**
 * @file `npm run test:load`: the server under load, beside `egnn predict` on the same molecules in the same minutes.
 *
 *   npm run test:load -- [--seconds S] [--overload S] [--threads N] [--clients 1,8,32,64] [--rounds N]
 *
 * Molecules of 12 to 24 atoms, one a request, as JSON; a network of 4 layers by 64 with random weights. Throughput is
 * measured with closed loops of clients; each round also times `egnn predict`, without its start. Then, once, twice the
 * throughput that 64 clients reached is asked of it. Results are lines of JSON.
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

const server = spawn(
  process.execPath,
  [MAIN, 'serve', model, '--port', '0', '--threads', values.threads, '--log-level', 'warn'],
  { stdio: ['ignore', 'inherit', 'pipe'] },
);
const address = await new Promise<string>((resolve, reject) => {
  server.once('exit', () => reject(new Error('the server has ended')));
  server.stderr.on('data', (text) => {
    const found = /http:\/\/\S+?(?=,)/.exec(String(text));
    if (found) resolve(found[0]);
    else process.stderr.write(text);
  });
});

interface Load {
  readonly clients: number;
  readonly seconds: number;
  /** Requests a second, all clients together; as fast as answers come if left out. */
  readonly rate?: number;
}

function ask({ clients, seconds, rate }: Load) {
  let next = 0;
  const latencies = { accepted: [] as number[], refused: [] as number[] };
  const others = new Map<number, number>();
  const before = processorSeconds();
  return new Promise<ReturnType<typeof rowOf>>((resolve, reject) => {
    const run = autocannon(
      {
        url: `${address}/v1/models/qm9/predict`,
        method: 'POST',
        connections: clients,
        duration: seconds,
        overallRate: rate,
        timeout: 30,
        requests: [
          {
            headers: { 'content-type': 'application/json' },
            setupRequest: (request) => ({ ...request, body: bodies[next++ % MOLECULES] }),
          },
        ],
      },
      (error, result) => (error ? reject(error) : resolve(rowOf(result))),
    );
    run.on('response', (_client, status, _bytes, milliseconds) => {
      if (status === 200) latencies.accepted.push(milliseconds);
      else if (status === 503) latencies.refused.push(milliseconds);
      else others.set(status, (others.get(status) ?? 0) + 1);
    });
  });

  function rowOf({ duration, errors, timeouts }: autocannon.Result) {
    const answered = latencies.accepted.length + latencies.refused.length;
    return {
      clients,
      acceptedPerSecond: Math.round(latencies.accepted.length / duration),
      refusedPerSecond: Math.round(latencies.refused.length / duration),
      milliseconds: quantiles(latencies.accepted),
      refusedMilliseconds: quantiles(latencies.refused),
      /** Of one core for one answer: the server, and its processes that compute and read. */
      processorMicroseconds: processorSeconds().map((now, k) =>
        Math.round((1e6 * (now - before[k])) / answered),
      ),
      otherStatuses: Object.fromEntries(others),
      errors,
      timeouts,
    };
  }
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
  await ask({ clients: 16, seconds: 3 });
  let most = 0;
  for (let round = 0; round < Number(values.rounds); round++) {
    const predict = predictRate();
    print({ predictPerSecond: Math.round(predict) });
    for (const clients of values.clients.split(',').map(Number)) {
      const row = await ask({ clients, seconds: Number(values.seconds) });
      most = Math.max(most, row.acceptedPerSecond);
      print({ ...row, shareOfPredict: Math.round((100 * row.acceptedPerSecond) / predict) / 100 });
    }
  }
  if (Number(values.overload) > 0) {
    const samples: number[] = [];
    const timer = setInterval(() => samples.push(memory()), 2_000);
    const row = await ask({
      clients: OVERLOAD_CONNECTIONS,
      seconds: Number(values.overload),
      rate: 2 * most,
    });
    clearInterval(timer);
    print({ overload: 2 * most, ...row, memoryMiB: samples });
  }
} finally {
  server.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
