/** @file The frame of the OpenAPI document; paths and schemas come from the routes. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

export function describeDocument(version: string, hasKeys: boolean): FastifyDynamicSwaggerOptions {
  return {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'egnn',
        version,
        description: 'Predictions of E(n)-equivariant graph neural networks for molecules and graphs.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      ...(hasKeys && {
        components: { securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
        security: [{ key: [] }],
      }),
    },
  };
}
