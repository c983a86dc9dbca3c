/** @file The life of a server: started, told by signals to read its models anew or to stop, and ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { readKeys } from './access.ts';
import { createApp } from './app.ts';
import { startComputing } from './computing.ts';
import { openLogOutput } from './log-output.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { ServerOptions } from './options.ts';
import { startReading } from './reading.ts';

/** Clients with open connections hear within it that the server stops, from an answer and not from a broken connection. */
const FAREWELL_MILLISECONDS = 1_000;

interface RunningServer {
  /** Such as http://127.0.0.1:8080. */
  readonly address: string;
  readonly backend: string;
  /** Settles when the server has stopped. */
  readonly stopped: Promise<void>;
}

/** @throws Error if a model cannot be opened, a key is none, or the port is taken */
export async function serve(options: ServerOptions, version: string): Promise<RunningServer> {
  const signals = listenToSignals();
  let metrics: Metrics | undefined;
  const output = openLogOutput(() => metrics?.droppedLogLines.inc());
  const logger = pino({ level: options.logLevel, base: null }, output);

  /** Of a process; what it is called in the log and in the metrics. */
  const restarts = (what: string, process: string) => ({
    onEnded() {
      metrics?.restarts.inc({ process });
      logger.error(`the process that ${what} ended; starting another`);
    },
    onFailedStart(reason: Error) {
      logger.error({ err: reason }, `the process that ${what} could not be started; trying again`);
    },
  });
  const keys = await readKeys(options.keys);
  const reading = await startReading(options.limits, restarts('reads bodies', 'reader'));
  const computing = await startComputing(options, {
    ...restarts('computes', 'compute'),
    onReady: (processId) => logger.info({ processId }, 'ready to compute'),
    metrics: () => metrics!,
  }).catch((error) => {
    reading.stop();
    throw error;
  });
  const state = {
    requests: () => app.requests,
    items: () => computing.waiting,
    isReady: () => computing.isReady,
    connections: () => connectionsOf(app.fastify),
  };
  metrics = createMetrics(state);
  const app = await createApp(options, { keys, computing, reading, metrics, logger, version });
  const end = () => {
    computing.stop();
    reading.stop();
  };
  const address = await app.fastify.listen({ host: options.host, port: options.port }).catch((error) => {
    end();
    throw error;
  });
  const backend = computing.backend;
  logger.info({ address, backend, models: computing.models.map(({ name }) => name) }, 'listening');

  let isStopping = false;
  const reload = async () => {
    try {
      app.setKeys(await readKeys(options.keys));
      await computing.reload();
      metrics.reloads.inc({ result: 'done' });
      logger.info('models read anew');
    } catch (error) {
      if (isStopping) return;
      metrics.reloads.inc({ result: 'failed' });
      logger.error({ err: error }, 'the models could not be read anew; those there were stay');
    }
  };
  const stop = async (signal: string) => {
    isStopping = true;
    logger.info({ signal, requests: app.requests }, 'stopping');
    app.beginStop();
    if ((await connectionsOf(app.fastify)) > 0) await sleep(FAREWELL_MILLISECONDS);
    // Requests are answered within this time; who does not take the answer is left.
    const late = setTimeout(
      () => app.fastify.server.closeAllConnections(),
      (options.limits.seconds + 1) * 1000,
    );
    await app.fastify.close();
    clearTimeout(late);
    end();
    logger.info('stopped');
    // Lines that nobody takes would keep the process.
    if (!(await output.end())) process.exit(0);
  };
  const stopped = new Promise<void>((resolve) => {
    signals.handle({ reload, stop: (signal) => void stop(signal).then(resolve) });
  });
  return { address, backend, stopped };
}

interface SignalHandlers {
  reload(): void;
  /** Called once. */
  stop(signal: string): void;
}

/** While the server starts, SIGTERM and Ctrl-C end it at once, and SIGHUP waits for it. */
function listenToSignals(): { handle(handlers: SignalHandlers): void } {
  let handlers: SignalHandlers | undefined;
  let isReloadWanted = false;
  let isStopping = false;
  process.on('SIGHUP', () => {
    if (handlers) handlers.reload();
    else isReloadWanted = true;
  });
  for (const signal of ['SIGTERM', 'SIGINT'])
    process.on(signal, () => {
      if (!handlers) process.exit(0);
      // The second time, at once.
      if (isStopping) process.exit(1);
      isStopping = true;
      handlers.stop(signal);
    });
  return {
    handle(given) {
      handlers = given;
      if (isReloadWanted) handlers.reload();
    },
  };
}

function connectionsOf({ server }: FastifyInstance): Promise<number> {
  return promisify(server.getConnections.bind(server))();
}
