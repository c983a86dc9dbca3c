/** @file What is counted, for Prometheus. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** @param state read whenever somebody asks */
export function createMetrics(state: {
  requests(): number;
  items(): number;
  isReady(): boolean;
  connections(): Promise<number>;
}) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  new Gauge({
    name: 'egnn_requests_in_progress',
    help: 'Prediction requests taken on and not answered',
    registers,
    collect() {
      this.set(state.requests());
    },
  });
  new Gauge({
    name: 'egnn_items_waiting',
    help: 'Molecules or graphs that wait for a batch',
    registers,
    collect() {
      this.set(state.items());
    },
  });
  new Gauge({
    name: 'egnn_ready',
    help: '1 while predictions can be computed',
    registers,
    collect() {
      this.set(state.isReady() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'egnn_connections',
    help: 'Open connections',
    registers,
    async collect() {
      this.set(await state.connections());
    },
  });
  return {
    registry,
    requestSeconds: new Histogram({
      name: 'egnn_http_request_seconds',
      help: 'From a request to the end of its answer',
      labelNames: ['route', 'method', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    items: new Counter({
      name: 'egnn_items_total',
      help: 'Molecules or graphs by model and by what became of them',
      labelNames: ['model', 'result'],
      registers,
    }),
    refusals: new Counter({
      name: 'egnn_refusals_total',
      help: 'Requests refused, by code',
      labelNames: ['code'],
      registers,
    }),
    batchItems: new Histogram({
      name: 'egnn_batch_items',
      help: 'Molecules or graphs of a batch',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'egnn_batch_seconds',
      help: 'From sending a batch to the process that computes to its results',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    restarts: new Counter({
      name: 'egnn_process_ends_total',
      help: 'Processes that ended by themselves, by what they do',
      labelNames: ['process'],
      registers,
    }),
    droppedLogLines: new Counter({
      name: 'egnn_log_lines_dropped_total',
      help: 'Lines of the log that nobody took in time',
      registers,
    }),
    reloads: new Counter({
      name: 'egnn_reloads_total',
      help: 'Reloads of the models, by result',
      labelNames: ['result'],
      registers,
    }),
  };
}
