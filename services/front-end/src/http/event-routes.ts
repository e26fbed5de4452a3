import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Api } from './api.ts';
import { authorize } from './authorize.ts';
import { instanceParameter } from './endpoint-routes.ts';
import { storedInstance } from './instance.ts';
import { Problem } from './problem.ts';
import { answers, NEEDS_TOKEN } from './schemas.ts';

export const EVENT_STREAM_HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-store',
  // Asks nginx and its like not to gather what is sent.
  'X-Accel-Buffering': 'no',
};

const DESCRIPTION = `Server-Sent Events: \`registered\` and \`removed\`, whose data tell \`instance\`, \`at\` and, when removed, the
\`reason\` (quota, disabled, deleted, expired). Each has an \`id\`; \`Last-Event-ID\` goes on after it, for an hour. \`message\`: an instant message, as
\`GET /v1/messages\` shows it; it comes again when a stream opens until \`POST /v1/messages/{id}/ack\` has said that it arrived.`;

type ByInstance = { Params: { instance: string } };

/** What an endpoint is told. */
export function addEventRoutes(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/endpoints/:instance/events',
    {
      schema: {
        summary: 'What the endpoint is told',
        description: DESCRIPTION.replaceAll('\n', ' '),
        tags: ['endpoints'],
        security: NEEDS_TOKEN,
        params: instanceParameter,
        headers: { type: 'object', properties: { 'last-event-id': { type: 'string' } } },
        response: answers(
          { 200: { description: 'The stream', content: { 'text/event-stream': { schema: { type: 'string' } } } } },
          ...[401, 404, 429],
        ),
      },
    },
    async (request: FastifyRequest<ByInstance>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const after = lastEventId(request.headers['last-event-id']);
      const instance = storedInstance(request.params.instance);
      await frontEnd.eventStreams.open({ holder, instance, after }, () => {
        reply.hijack();
        frontEnd.metrics.httpAnswered('GET', 200);
        return reply.raw.writeHead(200, EVENT_STREAM_HEADERS);
      });
      return reply;
    },
  );
}

function lastEventId(header: string | string[] | undefined): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (typeof header !== 'string' || !/^\d{1,15}$/.test(header)) {
    throw new Problem(400, 'invalid-request', { detail: 'Last-Event-ID is none of ours' });
  }
  return Number(header);
}
