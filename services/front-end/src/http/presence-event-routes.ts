import type { FastifyInstance } from 'fastify';
import type { Api } from './api.ts';
import { authorize } from './authorize.ts';
import { EVENT_STREAM_HEADERS } from './event-routes.ts';
import { answers, NEEDS_TOKEN } from './schemas.ts';

const DESCRIPTION = `Server-Sent Events: \`presence\` of each contact in the pool, with data as \`GET /v1/presence/{address}\` shows them: of
all of them when the stream opens, and then of each that changes. Who reads slowly is
told the latest alone. \`contact-notice\`: somebody has added the account to their contacts, as \`GET /v1/contact-notices\` shows it.
\`message-summary\`: how many messages wait for the account, in \`messages\`, when the stream opens and when that changes.`;

/** What an account's contacts do. */
export function addPresenceEventRoutes(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/events',
    {
      schema: {
        summary: 'The presence of the contacts, as it changes',
        description: DESCRIPTION.replaceAll('\n', ' '),
        tags: ['presence'],
        security: NEEDS_TOKEN,
        response: answers(
          { 200: { description: 'The stream', content: { 'text/event-stream': { schema: { type: 'string' } } } } },
          ...[401, 429],
        ),
      },
    },
    async (request, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const receivedFrom = `${request.ip}:${request.socket.remotePort}`;
      await frontEnd.presenceStreams.open(holder, receivedFrom, () => {
        reply.hijack();
        frontEnd.metrics.httpAnswered('GET', 200);
        return reply.raw.writeHead(200, EVENT_STREAM_HEADERS);
      });
      return reply;
    },
  );
}
