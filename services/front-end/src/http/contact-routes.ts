import type { GroupChange } from '@rollcall/back-end';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Api } from './api.ts';
import { authorize } from './authorize.ts';
import { changeContacts, contactAddress, type GivenContact, readContacts, showList } from './change-contacts.ts';
import { headers, shownList, someOfList, version, wholeList } from './contact-schemas.ts';
import { addOneContactRoutes } from './one-contact-routes.ts';
import { answers, NEEDS_TOKEN, nothing, object } from './schemas.ts';
import { entityTag, ifMatch, sendVersion } from './version.ts';

/** 1,000 contacts with long notes. */
const LIST_BYTES = 4 * 1024 * 1024;

const common = { tags: ['contacts'], security: NEEDS_TOKEN };
const changed = { description: 'It is so now', ...object({ version }) };

type List = { Querystring: { since?: string } };
type GivenList = { groups?: GroupChange[]; contacts?: (GivenContact & { address: string })[] };
type Put = { Body: GivenList };
type Patch = { Body: GivenList & { removedGroups?: number[]; removedContacts?: string[] } };

/** An account's own contact list. */
export function addContactRoutes(server: FastifyInstance, api: Api): void {
  addList(server, api);
  addListChanges(server, api);
  addOneContactRoutes(server, api);
}

function addList(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/contacts',
    {
      schema: {
        ...common,
        summary: 'The contact list, or what has changed in it',
        querystring: object(
          { since: { type: 'string', pattern: '^\\d{1,15}$', description: 'The version that the client has' } },
          [],
        ),
        response: answers({ 200: shownList, 304: nothing('As in If-None-Match') }, 401),
      },
    },
    async (request: FastifyRequest<List>, reply) => {
      const frontEnd = api.frontEnd();
      const { accountId } = await authorize(frontEnd, request);
      const { since } = request.query;
      const list = await frontEnd.backEnd.findContacts({
        accountId,
        ...(since !== undefined && { since: Number(since) }),
      });
      return sendVersion(request, reply, list.version, showList(list));
    },
  );
}

function addListChanges(server: FastifyInstance, api: Api): void {
  const statuses = [401, 409, 412, 413, 422];
  server.put(
    '/v1/contacts',
    {
      bodyLimit: LIST_BYTES,
      schema: {
        ...common,
        ...{ summary: 'Replace the contact list', headers, body: wholeList },
        response: answers({ 200: changed }, ...statuses),
      },
    },
    async (request: FastifyRequest<Put>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const { groups, contacts } = request.body;
      const { version } = await changeContacts(frontEnd, holder, {
        ...ifMatch(request),
        replace: true,
        ...(groups && { groups }),
        contacts: await readContacts(frontEnd, contacts),
      });
      return reply.header('ETag', entityTag(version)).send({ version });
    },
  );

  server.patch(
    '/v1/contacts',
    {
      bodyLimit: LIST_BYTES,
      schema: {
        ...common,
        ...{ summary: 'Change some of the contact list, all or nothing', headers, body: someOfList },
        response: answers({ 200: changed }, ...statuses),
      },
    },
    async (request: FastifyRequest<Patch>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const { groups, contacts, removedGroups, removedContacts = [] } = request.body;
      const { version } = await changeContacts(frontEnd, holder, {
        ...ifMatch(request),
        ...(groups && { groups }),
        contacts: await readContacts(frontEnd, contacts),
        ...(removedGroups && { removedGroups }),
        removedContacts: await Promise.all(removedContacts.map((text) => contactAddress(frontEnd, text))),
      });
      return reply.header('ETag', entityTag(version)).send({ version });
    },
  );

  server.delete(
    '/v1/contacts',
    {
      schema: {
        ...common,
        ...{ summary: 'Remove all contacts and groups', headers },
        response: answers({ 204: nothing('Removed') }, 401, 412),
      },
    },
    async (request, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      await changeContacts(frontEnd, holder, { ...ifMatch(request), replace: true });
      return reply.code(204).send();
    },
  );
}
