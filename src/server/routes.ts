/** @file What can be asked, as fastify's routes; the OpenAPI document is made from what stands here. */
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Computing } from './computing.ts';
import type { ModelDescription } from './messages.ts';
import type { Metrics } from './metrics.ts';
import type { Place } from './occupancy.ts';
import type { Limits } from './options.ts';
import { tryPage } from './page.ts';
import { answerPrediction } from './prediction.ts';
import { FILE_TYPES, formatOfType, JSON_TYPE } from './read-request.ts';
import type { Reading } from './reading.ts';
import { CLIENT_HAS_GONE, Refusal } from './refusal.ts';
import * as schemas from './schemas.ts';

export interface RouteContext {
  readonly computing: Computing;
  readonly reading: Reading;
  readonly metrics: Metrics;
  readonly limits: Limits;
  /** The state of the server as load balancers see it. */
  status(): 'ok' | 'starting' | 'busy' | 'stopping';
  /** Takes a place in the queue for what is answered with `response`. @throws Refusal 503 */
  enter(response: ServerResponse): Place;
}

const jsonSchema = (schema: z.ZodType) => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema);
  return rest;
};
const answers = (description: string, schema: z.ZodType, headers?: object) => ({
  description,
  headers,
  content: { [JSON_TYPE]: { schema: jsonSchema(schema) } },
});

/** What any request may get. */
const refusals = (...statuses: number[]) => {
  const meanings: Record<number, string> = {
    400: 'the request is not as described',
    401: 'no API key, or none that is known',
    404: 'there is no such model',
    413: 'the body is too long, or the answer would be',
    415: 'the model does not take bodies of this type',
    422: 'nothing of the request could be predicted',
    503: 'too much to do, starting or stopping; ask again after Retry-After seconds',
  };
  const headers: Record<number, object> = {
    401: { 'WWW-Authenticate': { schema: { type: 'string' } } },
    503: { 'Retry-After': { description: 'seconds', schema: { type: 'integer' } } },
  };
  return Object.fromEntries(
    statuses.map((status) => [status, answers(meanings[status], schemas.problem, headers[status])]),
  );
};

export async function addRoutes(app: FastifyInstance, context: RouteContext): Promise<void> {
  const { computing, metrics, limits } = context;
  const nameParameter = {
    type: 'object',
    required: ['name'],
    properties: { name: { type: 'string', enum: computing.models.map(({ name }) => name) } },
  };
  /** As it is after the last reload. @throws Refusal 404 */
  const modelNamed = (name: string): ModelDescription => {
    const model = computing.models.find((each) => each.name === name);
    if (!model) throw new Refusal(404, 'unknown_model', 'there is no model of this name; see /v1/models');
    return model;
  };
  const modelOf = (request: FastifyRequest) => modelNamed((request.params as { name: string }).name);

  app.get('/', { schema: { hide: true }, config: { isOpen: true } }, (_, reply) => {
    reply.type('text/html; charset=utf-8').header('content-security-policy', tryPage.policy);
    return reply.send(tryPage.html);
  });
  app.get('/openapi.json', { schema: { hide: true }, config: { isOpen: true } }, () => app.swagger());
  app.get(
    '/health',
    {
      config: { isOpen: true },
      schema: {
        operationId: 'health',
        summary: 'Whether the process lives',
        security: [],
        response: { 200: answers('it does', schemas.health) },
      },
    },
    () => ({ status: 'ok' }),
  );
  app.get(
    '/ready',
    {
      config: { isOpen: true },
      schema: {
        operationId: 'ready',
        summary: 'Whether predictions are taken',
        security: [],
        response: { 200: answers('they are', schemas.health), 503: answers('not now', schemas.health) },
      },
    },
    (_, reply) => {
      const status = context.status();
      if (status !== 'ok') reply.code(503).header('retry-after', '1');
      return reply.send({ status });
    },
  );
  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'metrics',
        summary: 'What is counted, for Prometheus',
        response: {
          200: { description: 'text', content: { 'text/plain': { schema: { type: 'string' } } } },
          ...refusals(401),
        },
      },
    },
    async (_, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  app.get(
    '/v1/models',
    {
      schema: {
        operationId: 'listModels',
        summary: 'The models',
        response: {
          200: answers('in the order in which they were given', schemas.modelList),
          ...refusals(401),
        },
      },
    },
    () => ({ models: computing.models }),
  );
  app.get(
    '/v1/models/:name',
    {
      schema: {
        operationId: 'describeModel',
        summary: 'One model',
        params: nameParameter,
        response: {
          200: answers('what goes in and comes out', schemas.modelDescription),
          ...refusals(401, 404),
        },
      },
    },
    (request) => modelOf(request),
  );

  // An address for each model, since each takes and gives something of its own.
  for (const model of computing.models)
    app.post(
      `/v1/models/${model.name}/predict`,
      { schema: predictionSchema(model, limits) },
      (request, reply) => predict(request, reply, modelNamed(model.name), context),
    );
  app.post('/v1/models/:name/predict', { schema: { hide: true } }, (request) => modelOf(request));
}

function predictionSchema({ name, kind, outputs = [] }: ModelDescription, limits: Limits) {
  const answer = schemas.predictionsOf(kind);
  return {
    operationId: `predict_${name}`,
    summary: `Predictions of ${name} for ${kind}, one or many`,
    description:
      'One that cannot be read or predicted fails alone: it has an error in place of a prediction. Only if all of them ' +
      'fail, the status is 422.',
    ...(kind === 'molecules' && {
      querystring: jsonSchema(schemas.predictQuery(outputs.map((output) => output.name))),
    }),
    body: {
      content: {
        [JSON_TYPE]: { schema: jsonSchema(schemas.requestSchema(kind, limits)) },
        ...Object.fromEntries(
          Object.keys(FILE_TYPES[kind]).map((type) => [type, { schema: { type: 'string' } }]),
        ),
      },
    },
    response: {
      200: answers('a prediction or an error for each', answer),
      422: answers('an error for each', answer),
      ...refusals(400, 401, 413, 415, 503),
    },
  };
}

async function predict(
  request: FastifyRequest,
  reply: FastifyReply,
  model: ModelDescription,
  { computing, reading, metrics, limits, enter }: RouteContext,
): Promise<FastifyReply> {
  const bytes = request.body as Buffer | undefined;
  const place = enter(reply.raw);
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Refusal(503, 'timeout', `no answer within ${limits.seconds} s`, 1)),
    limits.seconds * 1000,
  );
  // The connection closes before the answer is out: the client has gone.
  const closed = () => controller.abort(new Refusal(CLIENT_HAS_GONE, 'gone', 'the client has gone'));
  reply.raw.once('close', closed);
  try {
    place.hold(bytes?.length ?? 0);
    const forces = forcesOf(request.query as Record<string, unknown>);
    const type = (request.headers['content-type'] ?? '').split(';')[0].trim().toLowerCase();
    if (!bytes || bytes.length === 0) throw new Refusal(400, 'invalid_request', 'the body is empty');
    try {
      formatOfType(type, model.kind);
    } catch (error) {
      throw new Refusal(415, 'unsupported_type', (error as Error).message);
    }
    const answer = await answerPrediction(
      { model, bytes, type, forces, signal: controller.signal },
      { reading, computing, limits, place },
    );
    const { predicted, failed } = answer;
    metrics.items.inc({ model: model.name, result: 'predicted' }, predicted);
    metrics.items.inc({ model: model.name, result: 'failed' }, failed);
    Object.assign(reply.outcome, { predicted, failed });
    reply.code(predicted > 0 ? 200 : 422).type('application/json; charset=utf-8');
    return reply.send(answer.json);
  } finally {
    clearTimeout(timer);
    reply.raw.off('close', closed);
    place.leave();
  }
}

/** Which outputs there are is looked at later. @throws Refusal 400 */
function forcesOf({ forces, ...others }: Record<string, unknown>): string | undefined {
  if (Object.keys(others).length === 0 && (forces === undefined || typeof forces === 'string')) return forces;
  throw new Refusal(400, 'invalid_request', 'the only parameter is forces, given once');
}
