import type { FastifyInstance, FastifyRequest } from 'fastify';
import { addAccount, changeAccount, removeAccount } from './administer-accounts.ts';
import type { Api } from './api.ts';
import { authorizeAdmin } from './authorize.ts';
import { endpoint } from './endpoint-routes.ts';
import { findAccount, listAccountEndpoints, listAccounts } from './find-accounts.ts';
import { address, answers, dateTime, NEEDS_TOKEN, nothing, object, role } from './schemas.ts';

const common = { tags: ['administration'], security: NEEDS_TOKEN };

const account = object({
  id: { type: 'integer' },
  address,
  role,
  enabled: { type: 'boolean' },
  createdAt: dateTime,
  endpoints: { type: 'integer', description: 'How many are registered now' },
});

const password = { type: 'string', minLength: 1, maxLength: 1024 };
const byAddress = { params: object({ address }) };
const page = object(
  {
    after: { type: 'string', pattern: '^\\d{1,15}$', description: '`next` of the page before' },
    limit: { type: 'string', pattern: '^(1000|[1-9]\\d{0,2})$', description: 'From 1 to 1000; 100 unless given' },
  },
  [],
);

type ByAddress = { Params: { address: string } };
type Post = { Body: { address: string; password: string; role?: 'user' | 'admin' } };
type Patch = ByAddress & { Body: { enabled?: boolean; password?: string } };

/** Accounts, for administrators. */
export function addAccountRoutes(server: FastifyInstance, api: Api): void {
  addAccountList(server, api);
  addOneAccount(server, api);
  addAccountChanges(server, api);
}

function addAccountList(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/accounts',
    {
      schema: {
        ...common,
        summary: 'A page of accounts, the oldest first',
        querystring: page,
        response: answers(
          {
            200: object({
              accounts: { type: 'array', items: account },
              next: { type: ['string', 'null'], description: 'For `after`; null at the end' },
            }),
          },
          ...[401, 403],
        ),
      },
    },
    async (request: FastifyRequest<{ Querystring: { after?: string; limit?: string } }>) => {
      const frontEnd = api.frontEnd();
      await authorizeAdmin(frontEnd, request);
      const { after, limit } = request.query;
      return listAccounts(frontEnd, Number(after ?? 0), Number(limit ?? 100));
    },
  );

  server.post(
    '/v1/accounts',
    {
      schema: {
        ...common,
        summary: 'Add an account',
        body: object({ address, password, role }, ['address', 'password']),
        response: answers({ 201: { description: 'Added', ...account } }, 401, 403, 409, 422),
      },
    },
    async (request: FastifyRequest<Post>, reply) => {
      const frontEnd = api.frontEnd();
      const added = await addAccount(frontEnd, await authorizeAdmin(frontEnd, request), request.body);
      return reply
        .code(201)
        .header('Location', `/v1/accounts/${encodeURIComponent(added.address)}`)
        .send(added);
    },
  );
}

function addOneAccount(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/accounts/:address',
    { schema: { ...common, ...byAddress, summary: 'One account', response: answers({ 200: account }, 401, 403, 404) } },
    async (request: FastifyRequest<ByAddress>) => {
      const frontEnd = api.frontEnd();
      await authorizeAdmin(frontEnd, request);
      return findAccount(frontEnd, request.params.address);
    },
  );

  server.get(
    '/v1/accounts/:address/endpoints',
    {
      schema: {
        ...common,
        ...byAddress,
        summary: 'The endpoints of an account',
        response: answers({ 200: object({ endpoints: { type: 'array', items: endpoint } }) }, 401, 403, 404),
      },
    },
    async (request: FastifyRequest<ByAddress>) => {
      const frontEnd = api.frontEnd();
      await authorizeAdmin(frontEnd, request);
      return { endpoints: await listAccountEndpoints(frontEnd, request.params.address) };
    },
  );
}

function addAccountChanges(server: FastifyInstance, api: Api): void {
  server.patch(
    '/v1/accounts/:address',
    {
      schema: {
        ...common,
        ...byAddress,
        summary: 'Disable or enable an account, or set its password',
        description: 'Takes effect at once: sessions end, and the endpoints of a disabled account leave.',
        body: object({ enabled: { type: 'boolean' }, password }, []),
        response: answers({ 200: account }, 401, 403, 404, 409),
      },
    },
    async (request: FastifyRequest<Patch>) => {
      const frontEnd = api.frontEnd();
      return changeAccount(frontEnd, await authorizeAdmin(frontEnd, request), request.params.address, request.body);
    },
  );

  server.delete(
    '/v1/accounts/:address',
    {
      schema: {
        ...common,
        ...byAddress,
        summary: 'Remove an account with all that belongs to it',
        response: answers({ 204: nothing('Removed') }, 401, 403, 404, 409),
      },
    },
    async (request: FastifyRequest<ByAddress>, reply) => {
      const frontEnd = api.frontEnd();
      await removeAccount(frontEnd, await authorizeAdmin(frontEnd, request), request.params.address);
      return reply.code(204).send();
    },
  );
}
