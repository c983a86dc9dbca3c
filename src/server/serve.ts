/** @file The life of a server: started, told by signals to read its models anew or to stop, and ended. */
import { pino } from 'pino';
import { createApp } from './app.ts';
import { startComputing } from './computing.ts';
import { openLogOutput } from './log-output.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { ServerOptions } from './options.ts';
import { startReading } from './reading.ts';

interface RunningServer {
  /** Such as http://127.0.0.1:8080. */
  readonly address: string;
  readonly backend: string;
  /** Settles when the server has stopped. */
  readonly stopped: Promise<void>;
}

/** @throws Error if a model cannot be opened, or the port is taken */
export async function serve(options: ServerOptions, version: string): Promise<RunningServer> {
  let metrics: Metrics | undefined;
  const output = openLogOutput(() => metrics?.droppedLogLines.inc());
  const logger = pino({ level: options.logLevel, base: null }, output);

  const reading = await startReading(options.limits, () => {
    metrics?.restarts.inc({ process: 'reader' });
    logger.warn('the process that reads bodies ended; starting another');
  });
  const computing = await startComputing(options, {
    onReady: (processId) => logger.info({ processId }, 'ready to compute'),
    onEnded(reason) {
      metrics?.restarts.inc({ process: 'compute' });
      logger.error({ err: reason }, 'the process that computes ended; starting another');
    },
    metrics: () => metrics!,
  }).catch((error) => {
    reading.stop();
    throw error;
  });
  const state = {
    requests: () => app.requests,
    items: () => computing.waiting,
    isReady: () => computing.isReady,
  };
  metrics = createMetrics(state);
  const app = await createApp(options, { computing, reading, metrics, logger, version });
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

  process.on('SIGHUP', async () => {
    try {
      await computing.reload();
      metrics.reloads.inc({ result: 'done' });
      logger.info('models read anew');
    } catch (error) {
      metrics.reloads.inc({ result: 'failed' });
      logger.error({ err: error }, 'the models could not be read anew; those there were stay');
    }
  });

  const stopped = new Promise<void>((resolve) => {
    let isStopping = false;
    const stop = async (signal: string) => {
      // The second time, at once.
      if (isStopping) process.exit(1);
      isStopping = true;
      logger.info({ signal, requests: app.requests }, 'stopping');
      app.beginStop();
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
      resolve();
    };
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void stop(signal));
  });
  return { address, backend, stopped };
}
