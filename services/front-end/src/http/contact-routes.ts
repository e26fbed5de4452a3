import type { ContactList, GroupChange } from '@rollcall/back-end';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Api } from './api.ts';
import { authorize } from './authorize.ts';
import {
  changeContacts,
  contactAddress,
  findIn,
  type GivenContact,
  readContacts,
  showContact,
  showList,
} from './change-contacts.ts';
import { contact, givenContact, headers, shownList, someOfList, version, wholeList } from './contact-schemas.ts';
import { Problem } from './problem.ts';
import { address, answers, NEEDS_TOKEN, nothing, object } from './schemas.ts';
import { entityTag, ifMatch, sendVersion } from './version.ts';

/** 1,000 contacts with long notes. */
const LIST_BYTES = 4 * 1024 * 1024;

const common = { tags: ['contacts'], security: NEEDS_TOKEN };
const changed = { description: 'It is so now', ...object({ version }) };
const byAddress = { params: object({ address }) };

type ByAddress = { Params: { address: string } };
type List = { Querystring: { since?: string } };
type GivenList = { groups?: GroupChange[]; contacts?: (GivenContact & { address: string })[] };
type Put = { Body: GivenList };
type Patch = { Body: GivenList & { removedGroups?: number[]; removedContacts?: string[] } };
type PutOne = ByAddress & { Body: GivenContact };

/** An account's own contact list. */
export function addContactRoutes(server: FastifyInstance, api: Api): void {
  addList(server, api);
  addListChanges(server, api);
  addOneContact(server, api);
  addOneContactChanges(server, api);
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

function addOneContact(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/contacts/:address',
    { schema: { ...common, ...byAddress, summary: 'One contact', response: answers({ 200: contact }, 401, 404) } },
    async (request: FastifyRequest<ByAddress>, reply) => {
      const frontEnd = api.frontEnd();
      const { accountId } = await authorize(frontEnd, request);
      const sought = await contactAddress(frontEnd, request.params.address);
      return sendContact(request, reply, await frontEnd.backEnd.findContacts({ accountId }), sought);
    },
  );

  server.delete(
    '/v1/contacts/:address',
    {
      schema: {
        ...common,
        ...byAddress,
        ...{ summary: 'Remove a contact', headers },
        response: answers({ 204: nothing('Removed') }, 401, 404, 412),
      },
    },
    async (request: FastifyRequest<ByAddress>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const removed = await contactAddress(frontEnd, request.params.address);
      const outcome = await changeContacts(frontEnd, holder, { ...ifMatch(request), removedContacts: [removed] });
      if (!outcome.changed) throw contactUnknown();
      return reply.code(204).header('ETag', entityTag(outcome.version)).send();
    },
  );
}

function addOneContactChanges(server: FastifyInstance, api: Api): void {
  const schema = {
    ...common,
    ...byAddress,
    headers,
    body: object(givenContact, []),
    response: answers({ 200: contact }, 401, 404, 409, 412, 422),
  };
  server.put(
    '/v1/contacts/:address',
    { schema: { ...schema, summary: 'Add a contact, or say anew what it is' } },
    async (request: FastifyRequest<PutOne>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const address = await contactAddress(frontEnd, request.params.address);
      const contacts = [{ displayName: null, note: null, groups: [], ...request.body, ...address }];
      await changeContacts(frontEnd, holder, { ...ifMatch(request), contacts });
      return sendContact(request, reply, await frontEnd.backEnd.findContacts(holder), address);
    },
  );

  server.patch(
    '/v1/contacts/:address',
    { schema: { ...schema, summary: 'Change some of a contact' } },
    async (request: FastifyRequest<PutOne>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const address = await contactAddress(frontEnd, request.params.address);
      if (!findIn(await frontEnd.backEnd.findContacts(holder), address)) throw contactUnknown();
      await changeContacts(frontEnd, holder, { ...ifMatch(request), contacts: [{ ...request.body, ...address }] });
      return sendContact(request, reply, await frontEnd.backEnd.findContacts(holder), address);
    },
  );
}

function sendContact(
  request: FastifyRequest,
  reply: Parameters<typeof sendVersion>[1],
  list: ContactList,
  address: { user: string; domain: string },
) {
  const found = findIn(list, address);
  if (!found) throw contactUnknown();
  return sendVersion(request, reply, list.version, showContact(found));
}

function contactUnknown(): Problem {
  return new Problem(404, 'contact-unknown', { detail: 'There is no such contact in the list' });
}
