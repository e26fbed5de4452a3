import type { FastifyInstance, FastifyRequest } from 'fastify';
import { showAddress } from './address.ts';
import type { Api } from './api.ts';
import { authorize, tokenInvalid } from './authorize.ts';
import { Problem } from './problem.ts';
import { address, answers, dateTime, NEEDS_TOKEN, nothing, object } from './schemas.ts';

const common = { tags: ['contacts'], security: NEEDS_TOKEN };
const notice = object({
  id: { type: 'integer' },
  from: { ...address, description: 'Who added the account' },
  at: dateTime,
});

type ById = { Params: { id: string } };

/** Who has added the account to their contacts. */
export function addNoticeRoutes(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/contact-notices',
    {
      schema: {
        ...common,
        summary: 'Who has added the account to their contacts, until that is acknowledged',
        response: answers({ 200: object({ notices: { type: 'array', items: notice } }) }, 401),
      },
    },
    async (request) => {
      const frontEnd = api.frontEnd();
      const { accountId } = await authorize(frontEnd, request);
      const notices = await frontEnd.backEnd.findNotices(accountId);
      return {
        notices: notices.map(({ id, user, domain, occurredAt }) => {
          return { id, from: showAddress({ user, domain }), at: occurredAt.toISOString() };
        }),
      };
    },
  );

  server.post(
    '/v1/contact-notices/:id/ack',
    {
      schema: {
        ...common,
        summary: 'Say that the user has seen a notice',
        params: object({ id: { type: 'string', pattern: '^[1-9]\\d{0,14}$' } }),
        response: answers({ 204: nothing('It is gone') }, 401, 404),
      },
    },
    async (request: FastifyRequest<ById>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      if (!(await frontEnd.backEnd.sessionHolds(holder))) throw tokenInvalid();
      const { accountId, credentialVersion } = holder;
      const id = Number(request.params.id);
      switch (await frontEnd.backEnd.acknowledgeNotice({ accountId, credentialVersion, id })) {
        case 'acknowledged':
          return reply.code(204).send();
        case 'notice_unknown':
          throw new Problem(404, 'notice-unknown', { detail: 'There is no such notice' });
        case 'credentials_changed':
          throw tokenInvalid();
      }
    },
  );
}
