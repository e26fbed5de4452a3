import type { FastifyInstance } from 'fastify';
import type { Api } from './api.ts';
import { authorizeAdmin } from './authorize.ts';
import { answers, dateTime, NEEDS_TOKEN, object } from './schemas.ts';

const frontEndSchema = object({
  id: { type: 'integer' },
  pid: { type: 'integer' },
  state: { type: 'string' },
  addresses: { type: 'object', additionalProperties: { type: 'string' } },
  connections: { type: 'integer' },
  endpoints: { type: 'integer' },
  joinedAt: dateTime,
  renewedAt: dateTime,
});

/** The processes of the pool, for administrators. */
export function addFrontEndRoutes(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/front-ends',
    {
      schema: {
        summary: 'The front ends of the pool',
        tags: ['administration'],
        security: NEEDS_TOKEN,
        response: answers({ 200: object({ frontEnds: { type: 'array', items: frontEndSchema } }) }, 401, 403),
      },
    },
    async (request) => {
      const frontEnd = api.frontEnd();
      await authorizeAdmin(frontEnd, request);
      const listed = await frontEnd.backEnd.listFrontEnds();
      const frontEnds = listed.map(({ id, processId, state, addresses, connections, endpoints, ...times }) => ({
        ...{ id, pid: processId, state, addresses, connections, endpoints },
        joinedAt: times.joinedAt.toISOString(),
        renewedAt: times.renewedAt.toISOString(),
      }));
      return { frontEnds };
    },
  );
}
