import type { ContactList } from '@rollcall/back-end';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AccountAddress } from './address.ts';
import type { Api } from './api.ts';
import { authorize } from './authorize.ts';
import { changeContacts, contactAddress, findIn, type GivenContact, showContact } from './change-contacts.ts';
import { contact, givenContact, headers } from './contact-schemas.ts';
import { Problem } from './problem.ts';
import { address, answers, NEEDS_TOKEN, nothing, object } from './schemas.ts';
import { entityTag, ifMatch, sendVersion } from './version.ts';

const common = { tags: ['contacts'], security: NEEDS_TOKEN };
const byAddress = { params: object({ address }) };

type ByAddress = { Params: { address: string } };
type PutOne = ByAddress & { Body: GivenContact };

/** Single contacts of an account's own list. */
export function addOneContactRoutes(server: FastifyInstance, api: Api): void {
  addOneContact(server, api);
  addOneContactChanges(server, api);
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

function sendContact(request: FastifyRequest, reply: FastifyReply, list: ContactList, address: AccountAddress) {
  const found = findIn(list, address);
  if (!found) throw contactUnknown();
  return sendVersion(request, reply, list.version, showContact(found));
}

function contactUnknown(): Problem {
  return new Problem(404, 'contact-unknown', { detail: 'There is no such contact in the list' });
}
