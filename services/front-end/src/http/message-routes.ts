import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Api } from './api.ts';
import { authorize } from './authorize.ts';
import { INSTANCE_PATTERN } from './instance.ts';
import { answers, dateTime, NEEDS_TOKEN, nothing, object, text } from './schemas.ts';
import { postMessage, type SendMessageRequest } from './send-message.ts';
import { acknowledgeMessage, listMessages } from './waiting-messages.ts';

const messageId = {
  type: ['integer', 'null'],
  description: 'Its `id` where it waits; null where another server keeps it',
};
const encoding = { type: 'string', enum: ['utf-8', 'base64'], description: 'Of the body, in this JSON' };
const contentType = { ...text(256), pattern: '^[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+(;[ -~]*)?$', examples: ['text/plain'] };
const instance = { type: 'string', pattern: INSTANCE_PATTERN };

const notify = {
  type: 'array',
  items: { type: 'string', maxLength: 64 },
  description: 'What the sender wants to be told (RFC 5438), by who receives it',
};
const cpim = object({
  ...{ from: { type: ['string', 'null'] }, fromName: { type: ['string', 'null'] } },
  to: { type: 'array', items: { type: 'string' } },
  ...{ dateTime: { type: ['string', 'null'] }, subject: { type: ['string', 'null'] } },
  messageId: { type: ['string', 'null'], description: 'imdn.Message-ID' },
  notify,
  ...{ contentType: { type: 'string' }, body: { type: 'string' }, encoding },
});
const cpimFields = {
  ...object(
    {
      ...{ from: text(512), fromName: text(256), to: text(512), dateTime, subject: text(500) },
      messageId: { type: 'string', pattern: "^[A-Za-z0-9.!%*_+`'~-]{1,128}$", description: 'imdn.Message-ID' },
      notify: {
        ...notify,
        items: { type: 'string', enum: ['positive-delivery', 'negative-delivery', 'processing', 'display'] },
      },
    },
    [],
  ),
  description: 'Sends a CPIM message (RFC 3862) around `body`, which says this; all are optional',
};

const message = object({
  id: { type: 'integer' },
  from: { type: 'string', examples: ['alice@example.org'] },
  fromName: { type: ['string', 'null'] },
  to: { type: 'string' },
  callId: { type: 'string' },
  subject: { type: ['string', 'null'] },
  contentType: { type: 'string' },
  body: { type: 'string' },
  encoding,
  cpim: { anyOf: [{ type: 'null' }, cpim], description: 'What `body` says, when it is `message/cpim`' },
  at: { ...dateTime, description: 'When it was sent' },
  expiresAt: dateTime,
});

const common = { tags: ['messages'], security: NEEDS_TOKEN };

type Post = { Body: Omit<SendMessageRequest, 'receivedFrom'> };
type Acknowledge = { Params: { id: string }; Body: { instance: string } };
type List = { Querystring: { instance?: string; after?: string; limit?: string } };

/** Instant messages: sending one, what waits, and saying that one has arrived. */
export function addMessageRoutes(server: FastifyInstance, api: Api): void {
  addSending(server, api);
  addWaiting(server, api);
}

function addSending(server: FastifyInstance, api: Api): void {
  const sent = (status: string, more = {}) => object({ status: { type: 'string', const: status }, ...more });
  server.post(
    '/v1/messages',
    {
      schema: {
        ...common,
        summary: 'Send a message to all endpoints of an account',
        body: object(
          {
            to: { ...text(512), description: 'An address or a SIP URI', examples: ['bob@example.org'] },
            body: { type: 'string' },
            encoding,
            contentType,
            subject: text(500),
            priority: { type: 'string', enum: ['emergency', 'urgent', 'normal', 'non-urgent'] },
            inReplyTo: { ...text(256), description: 'The callId of the message that this one answers' },
            cpim: cpimFields,
          },
          ['to', 'body'],
        ),
        response: answers(
          {
            200: { description: 'An endpoint has taken it', ...sent('delivered') },
            202: { description: 'It is committed, and waits for an endpoint', ...sent('stored', { messageId }) },
          },
          ...[401, 403, 404, 413, 422, 429, 502],
        ),
      },
    },
    async (request: FastifyRequest<Post>, reply) => {
      const frontEnd = api.frontEnd();
      const receivedFrom = { address: request.ip, port: request.socket.remotePort ?? 0 };
      const holder = await authorize(frontEnd, request);
      const sent = await postMessage(frontEnd, holder, { ...request.body, receivedFrom });
      return reply.code(sent.status === 'delivered' ? 200 : 202).send(sent);
    },
  );
}

function addWaiting(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/messages',
    {
      schema: {
        ...common,
        summary: 'What waits for the account, in order',
        querystring: object(
          {
            instance: { ...instance, description: 'Also what is for this endpoint alone' },
            after: { type: 'string', pattern: '^\\d{1,15}$', description: '`next` of the page before' },
            limit: { type: 'string', pattern: '^(100|[1-9]\\d?)$', description: 'Default 50' },
          },
          [],
        ),
        response: answers(
          { 200: object({ messages: { type: 'array', items: message }, next: { type: ['integer', 'null'] } }) },
          401,
        ),
      },
    },
    async (request: FastifyRequest<List>) => {
      const frontEnd = api.frontEnd();
      const { instance, after, limit = '50' } = request.query;
      const page = { instance, limit: Number(limit), after: after === undefined ? undefined : Number(after) };
      return listMessages(frontEnd, await authorize(frontEnd, request), page);
    },
  );

  server.post(
    '/v1/messages/:id/ack',
    {
      schema: {
        ...common,
        summary: 'Say that this endpoint has a message',
        params: object({ id: { type: 'string', pattern: '^[1-9]\\d{0,14}$' } }),
        body: object({ instance }),
        response: answers({ 204: nothing('It does not come again; also when that was said before') }, 401),
      },
    },
    async (request: FastifyRequest<Acknowledge>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const { instance } = request.body;
      await acknowledgeMessage(frontEnd, holder, { messageId: Number(request.params.id), instance });
      return reply.code(204).send();
    },
  );
}
