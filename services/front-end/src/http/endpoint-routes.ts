import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Api } from './api.ts';
import { authorize } from './authorize.ts';
import { findEndpoint, listOwnEndpoints } from './find-endpoints.ts';
import { INSTANCE_PATTERN } from './instance.ts';
import { registerEndpoint, removeEndpoint } from './register-endpoint.ts';
import { answers, dateTime, NEEDS_TOKEN, nothing, object, text } from './schemas.ts';

export const instanceParameter = object({
  instance: {
    type: 'string',
    pattern: INSTANCE_PATTERN,
    description: '`urn:uuid:…`, or a name of up to 64 characters',
  },
});

export const endpoint = object({
  id: { type: 'integer' },
  instance: { type: ['string', 'null'], description: 'Null for SIP endpoints without one' },
  uri: { type: 'string' },
  transport: { type: 'string', description: 'HTTP, UDP, TCP, TLS, WS or WSS' },
  userAgent: { type: ['string', 'null'] },
  receivedFrom: { type: 'string' },
  frontEndId: { type: 'integer' },
  registeredAt: dateTime,
  refreshedAt: dateTime,
  expiresAt: dateTime,
});

interface Put {
  Params: { instance: string };
  Body: { expires?: number; displayName?: string };
}

type ByInstance = { Params: { instance: string } };

const common = { tags: ['endpoints'], security: NEEDS_TOKEN };

/** An account's own endpoints. */
export function addEndpointRoutes(server: FastifyInstance, api: Api): void {
  addEndpointRegistration(server, api);
  addEndpointReads(server, api);
}

function addEndpointRegistration(server: FastifyInstance, api: Api): void {
  server.put(
    '/v1/endpoints/:instance',
    {
      schema: {
        ...common,
        summary: 'Register or refresh an endpoint',
        params: instanceParameter,
        body: object(
          {
            expires: {
              type: 'integer',
              minimum: 1,
              maximum: 0x7fff_ffff,
              description: 'Seconds; the most is what the pool allows',
            },
            displayName: { ...text(100), description: 'What the account’s owner knows the device by' },
          },
          [],
        ),
        response: answers(
          { 200: { description: 'Refreshed', ...endpoint }, 201: { description: 'Registered', ...endpoint } },
          ...[401, 422],
        ),
      },
    },
    async (request: FastifyRequest<Put>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const { isNew, endpoint } = await registerEndpoint(frontEnd, holder, {
        ...request.body,
        instance: request.params.instance,
        receivedFrom: `${request.ip}:${request.socket.remotePort}`,
        userAgent: request.headers['user-agent'],
      });
      return reply.code(isNew ? 201 : 200).send(endpoint);
    },
  );

  server.delete(
    '/v1/endpoints/:instance',
    {
      schema: {
        ...common,
        summary: 'Remove an endpoint',
        params: instanceParameter,
        response: answers({ 204: nothing('Removed') }, 401, 404),
      },
    },
    async (request: FastifyRequest<ByInstance>, reply) => {
      const frontEnd = api.frontEnd();
      await removeEndpoint(frontEnd, await authorize(frontEnd, request), request.params.instance);
      return reply.code(204).send();
    },
  );
}

function addEndpointReads(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/endpoints/:instance',
    {
      schema: {
        ...common,
        summary: 'One endpoint',
        params: instanceParameter,
        response: answers({ 200: endpoint }, 401, 404),
      },
    },
    async (request: FastifyRequest<ByInstance>) => {
      const frontEnd = api.frontEnd();
      return findEndpoint(frontEnd, await authorize(frontEnd, request), request.params.instance);
    },
  );

  server.get(
    '/v1/endpoints',
    {
      schema: {
        ...common,
        summary: 'All endpoints of the account, also those of SIP',
        response: answers({ 200: object({ endpoints: { type: 'array', items: endpoint } }) }, 401),
      },
    },
    async (request) => {
      const frontEnd = api.frontEnd();
      return { endpoints: await listOwnEndpoints(frontEnd, await authorize(frontEnd, request)) };
    },
  );
}
