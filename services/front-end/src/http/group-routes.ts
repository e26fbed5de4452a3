import type { ContactGroup } from '@rollcall/back-end';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FrontEnd } from '../sip/context.ts';
import type { TokenHolder } from '../token/access-token.ts';
import type { Api } from './api.ts';
import { authorize } from './authorize.ts';
import { changeContacts, showGroup } from './change-contacts.ts';
import { givenGroup, group, headers, version } from './contact-schemas.ts';
import { Problem } from './problem.ts';
import { answers, NEEDS_TOKEN, nothing, object } from './schemas.ts';
import { entityTag, ifMatch, sendVersion } from './version.ts';

const common = { tags: ['contacts'], security: NEEDS_TOKEN };
const byId = { params: object({ id: { type: 'string', pattern: '^[1-9]\\d{0,8}$' } }) };
const { name, position } = givenGroup;

type ById = { Params: { id: string } };
type Post = { Body: { name: string; position?: number } };
type Patch = ById & { Body: { name?: string; position?: number } };

/** The groups of an account's own contact list. */
export function addGroupRoutes(server: FastifyInstance, api: Api): void {
  addGroups(server, api);
  addOneGroup(server, api);
}

function addGroups(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/groups',
    {
      schema: {
        ...common,
        summary: 'The groups of the contact list, in order',
        response: answers({ 200: object({ version, groups: { type: 'array', items: group } }) }, 401),
      },
    },
    async (request, reply) => {
      const frontEnd = api.frontEnd();
      const { accountId } = await authorize(frontEnd, request);
      const { version, groups } = await frontEnd.backEnd.findContacts({ accountId });
      return sendVersion(request, reply, version, { version, groups: groups.map(showGroup) });
    },
  );

  server.post(
    '/v1/groups',
    {
      schema: {
        ...common,
        ...{ summary: 'Make a group', headers, body: object({ name, position }, ['name']) },
        response: answers({ 201: { description: 'Made', ...group } }, 401, 409, 412),
      },
    },
    async (request: FastifyRequest<Post>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const named = (one: ContactGroup) => one.name === request.body.name;
      const { version, groups } = await frontEnd.backEnd.findContacts({ accountId: holder.accountId });
      if (groups.some(named)) throw new Problem(409, 'group-exists', { detail: 'There is a group of this name' });
      // So that two at once do not both make it: by its name the second would change what the first has made.
      await changeContacts(frontEnd, holder, {
        ...{ expectedVersion: version, ...ifMatch(request) },
        groups: [request.body],
      });
      return sendGroup(frontEnd, holder, reply.code(201), named);
    },
  );
}

function addOneGroup(server: FastifyInstance, api: Api): void {
  server.patch(
    '/v1/groups/:id',
    {
      schema: {
        ...common,
        ...byId,
        ...{ summary: 'Rename or move a group', headers, body: object({ name, position }, []) },
        response: answers({ 200: group }, 401, 404, 409, 412),
      },
    },
    async (request: FastifyRequest<Patch>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const id = Number(request.params.id);
      const change = { ...ifMatch(request), groups: [{ ...request.body, id }] };
      await changeContacts(frontEnd, holder, change).catch((error: unknown) => {
        throw error instanceof Problem && error.problem === 'group-unknown' ? groupUnknown() : error;
      });
      return sendGroup(frontEnd, holder, reply, (one) => one.id === id);
    },
  );

  server.delete(
    '/v1/groups/:id',
    {
      schema: {
        ...common,
        ...byId,
        ...{ summary: 'Remove a group; its members stay in the list', headers },
        response: answers({ 204: nothing('Removed') }, 401, 404, 412),
      },
    },
    async (request: FastifyRequest<ById>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const removedGroups = [Number(request.params.id)];
      const outcome = await changeContacts(frontEnd, holder, { ...ifMatch(request), removedGroups });
      if (!outcome.changed) throw groupUnknown();
      return reply.code(204).header('ETag', entityTag(outcome.version)).send();
    },
  );
}

async function sendGroup(
  frontEnd: FrontEnd,
  { accountId }: TokenHolder,
  reply: FastifyReply,
  wanted: (group: ContactGroup) => boolean,
): Promise<FastifyReply> {
  const { version, groups } = await frontEnd.backEnd.findContacts({ accountId });
  const found = groups.find(wanted);
  if (!found) throw groupUnknown();
  return reply.header('ETag', entityTag(version)).send(showGroup(found));
}

function groupUnknown(): Problem {
  return new Problem(404, 'group-unknown', { detail: 'There is no such group' });
}
