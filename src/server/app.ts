/** @file The server as a fastify application: who is let in, what is refused, how errors look, and what is logged. */

import { type IncomingMessage, STATUS_CODES } from 'node:http';
import compress from '@fastify/compress';
import swagger from '@fastify/swagger';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { hostOf, isLoopback, keyFinder, securityHeaders } from './access.ts';
import { type BodyCollector, createBodyCollector, TOO_LARGE } from './body.ts';
import type { Metrics } from './metrics.ts';
import { createOccupancy } from './occupancy.ts';
import { describeDocument } from './openapi.ts';
import type { ServerOptions } from './options.ts';
import { FILE_TYPES, JSON_TYPE } from './read-request.ts';
import { CLIENT_HAS_GONE, malformed, nothingHere, Refusal, refusalBody, refusalOf } from './refusal.ts';
import { addRoutes, type RouteContext } from './routes.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether it is answered without a key. */
    isOpen?: boolean;
  }
  interface FastifyReply {
    /** For the log: what became of the request beside its status. */
    outcome: Outcome;
  }
}

interface Outcome {
  /** Of a refusal. */
  code?: string;
  /** Which of the API keys was given, counted from 1. */
  key?: number;
  /** Molecules or graphs. */
  predicted?: number;
  failed?: number;
}

/** Answers below this many bytes are not compressed. */
const COMPRESS_FROM = 1_024;
/** After which a server that could not be mended is tried again. */
const BROKEN_SECONDS = 5;

interface App {
  readonly fastify: FastifyInstance;
  /** From now on only these are let in. */
  setKeys(keys: readonly string[]): void;
  /** Refuses predictions from now on. */
  beginStop(): void;
  /** Prediction requests taken on and not answered. */
  readonly requests: number;
}

interface AppParts extends Pick<RouteContext, 'computing' | 'reading'> {
  readonly keys: readonly string[];
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly version: string;
}

export async function createApp(options: ServerOptions, parts: AppParts): Promise<App> {
  const { limits, host, allowedHosts } = options;
  const { computing, reading, metrics, logger } = parts;
  const milliseconds = limits.seconds * 1000;
  const headers = securityHeaders("default-src 'none'; frame-ancestors 'none'");
  const fastify: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: milliseconds,
    // A connection on which nothing moves; an answer is given before that.
    connectionTimeout: 2 * milliseconds,
    keepAliveTimeout: 65_000,
    bodyLimit: limits.bodyBytes,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    // An address that cannot be decoded, or is too long; hooks and the handler of errors do not see it.
    frameworkErrors(_error, request, reply) {
      reply.outcome = {};
      refuse(reply.headers(headers), nothingHere());
      record(request, reply, 404);
    },
    http: { headersTimeout: Math.min(10_000, milliseconds), connectionsCheckingInterval: 1_000 },
    clientErrorHandler(error, socket) {
      const [status, code] = malformed(error.code);
      metrics.refusals.inc({ code });
      if (socket.writable)
        socket.write(
          `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
        );
      socket.destroy();
    },
  }) as unknown as FastifyInstance;
  fastify.server.maxConnections = limits.connections;
  // Closed without an answer: there is no connection to give one on.
  fastify.server.on('drop', () => metrics.refusals.inc({ code: 'connections' }));

  const occupancy = createOccupancy(limits);
  let isStopping = false;
  let findKey = keyFinder(parts.keys);
  const hasKeys = parts.keys.length > 0;
  const isLocal = isLoopback(host);
  const isAnsweredTo = (name: string | undefined) =>
    name !== undefined && (isLoopback(name) || allowedHosts.includes(name));

  // Bodies are checked by `read-request.ts`, and answers are written by those who make them.
  fastify.setValidatorCompiler(() => () => true);
  fastify.setSerializerCompiler(() => (value) => JSON.stringify(value));
  takeBodies(fastify, createBodyCollector(limits));

  // Hooks call back, since a promise for each hook of each request shows in what a request costs.
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers);
    reply.outcome = {};
    // Who leaves before the answer is out is seen by nothing else.
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) record(request, reply, CLIENT_HAS_GONE);
    });
    if (isLocal && !isAnsweredTo(hostOf(request.headers.host)))
      throw new Refusal(421, 'misdirected', 'this server answers to localhost alone; see --allow-host');
    if (request.routeOptions.url === undefined) throw nothingHere();
    const { isOpen = false } = request.routeOptions.config;
    if (hasKeys && !isOpen) {
      const key = findKey(request.headers.authorization);
      if (key === undefined) {
        reply.header('www-authenticate', 'Bearer');
        throw new Refusal(401, 'unauthorised', 'give an API key: Authorization: Bearer KEY');
      }
      reply.outcome.key = key;
    }
    // Before the body is read; a place is taken after that, so that slow senders hold none.
    if (request.method === 'POST') refuseIfBusy();
    done();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    // A connection that stays open would hold up the end of the server.
    if (isStopping) reply.header('connection', 'close');
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    if (reply.raw.writableFinished) record(request, reply, reply.statusCode);
    done();
  });
  fastify.setErrorHandler((error: FastifyError | Error, request, reply) => {
    const refusal = refusalOf(error);
    if (!refusal) logger.error({ err: error, route: request.routeOptions.url }, 'unexpected error');
    refuse(reply, refusal ?? new Refusal(503, 'failed', 'the server could not do this', 1));
  });

  function record(request: FastifyRequest, reply: FastifyReply, status: number): void {
    const route = request.routeOptions.url ?? 'unknown';
    const { id, method, ip: client } = request;
    metrics.requestSeconds.observe({ route, method, status }, reply.elapsedTime / 1000);
    // Refusals of a flood are counted; a line for each would be a flood of its own.
    const level = status === 503 ? 'debug' : 'info';
    const milliseconds = Math.round(reply.elapsedTime * 10) / 10;
    logger[level]({ id, route, method, status, ...reply.outcome, milliseconds, client }, 'request');
  }

  function refuse(reply: FastifyReply, refusal: Refusal): void {
    metrics.refusals.inc({ code: refusal.code });
    reply.outcome.code = refusal.code;
    if (refusal.retryAfter !== undefined) reply.header('retry-after', String(refusal.retryAfter));
    // What is left of the body is not read.
    if (refusal.code === TOO_LARGE) reply.header('connection', 'close');
    reply.code(refusal.status).type('application/json; charset=utf-8').send(refusalBody(refusal));
  }

  function refuseIfBusy(): void {
    if (isStopping) throw new Refusal(503, 'stopping', 'the server is stopping', 1);
    // While a process starts, requests wait for it.
    if (computing.isBroken)
      throw new Refusal(503, 'starting', 'nothing can be computed at the moment', BROKEN_SECONDS);
    if (occupancy.isFull) throw new Refusal(503, 'busy', `${limits.queue} requests are waiting already`, 1);
  }

  await fastify.register(compress, {
    globalDecompression: false,
    threshold: COMPRESS_FROM,
    encodings: ['gzip', 'deflate', 'identity'],
  });
  await fastify.register(swagger, describeDocument(parts.version, hasKeys));
  await fastify.register(async (scope) => {
    await addRoutes(scope, {
      computing,
      reading,
      metrics,
      limits,
      status() {
        if (isStopping) return 'stopping';
        if (!computing.isReady) return 'starting';
        return occupancy.isFull ? 'busy' : 'ok';
      },
      enter(response) {
        refuseIfBusy();
        return occupancy.enter(response);
      },
    });
  });
  refuseOtherMethods(
    fastify,
    computing.models.map(({ name }) => name),
  );
  return {
    fastify,
    setKeys(keys) {
      findKey = keyFinder(keys);
    },
    beginStop() {
      isStopping = true;
    },
    get requests() {
      return occupancy.requests;
    },
  };
}

function takeBodies(fastify: FastifyInstance, bodies: BodyCollector): void {
  fastify.removeAllContentTypeParsers();
  const types = [JSON_TYPE, ...Object.keys(FILE_TYPES.molecules), ...Object.keys(FILE_TYPES.graphs)];
  fastify.addContentTypeParser(types, (request: FastifyRequest, payload: IncomingMessage) => {
    // A small bomb becomes a large body; who sends much may send it in parts.
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
      throw new Refusal(415, 'unsupported_encoding', 'bodies are taken as they are, not compressed');
    return bodies.collect(payload);
  });
}

/** 405 for a path that exists, with what it can be asked. */
function refuseOtherMethods(fastify: FastifyInstance, models: readonly string[]): void {
  const paths: Record<string, string[]> = {
    '/': ['GET', 'HEAD'],
    '/openapi.json': ['GET', 'HEAD'],
    '/health': ['GET', 'HEAD'],
    '/ready': ['GET', 'HEAD'],
    '/metrics': ['GET', 'HEAD'],
    '/v1/models': ['GET', 'HEAD'],
    '/v1/models/:name': ['GET', 'HEAD'],
    ...Object.fromEntries(models.map((name) => [`/v1/models/${name}/predict`, ['POST']])),
  };
  for (const [url, allowed] of Object.entries(paths))
    fastify.route({
      url,
      method: fastify.supportedMethods.filter((method) => !allowed.includes(method)),
      schema: { hide: true },
      // Answered before a body is looked at.
      onRequest: async (_, reply) => {
        reply.header('allow', allowed.join(', '));
        throw new Refusal(
          405,
          'method',
          `only ${allowed.join(' and ')} ${allowed.length === 1 ? 'is' : 'are'} answered here`,
        );
      },
      handler: () => undefined,
    });
}
