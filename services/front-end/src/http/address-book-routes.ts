import type { PeopleKnown, Person } from '@rollcall/back-end';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { findAddress, showAddress } from './address.ts';
import type { Api } from './api.ts';
import { authorize } from './authorize.ts';
import { accountUnknown } from './find-accounts.ts';
import { Problem } from './problem.ts';
import { address, answers, NEEDS_TOKEN, object } from './schemas.ts';

const common = { tags: ['address book'], security: NEEDS_TOKEN };
/** People of one answer. */
const FOUND = { usual: 20, most: 100 };
const PAGE = { usual: 500, most: 1000 };

const nullable = { type: ['string', 'null'] };
const addresses = { type: 'array', items: { type: 'string' } };

const person = {
  address,
  ...{ displayName: nullable, givenName: nullable, surname: nullable, mail: nullable },
  phones: {
    type: 'array',
    items: object({ type: { type: 'string', enum: ['work', 'mobile', 'home', 'other'] }, number: { type: 'string' } }),
  },
  ...{ title: nullable, department: nullable, company: nullable, office: nullable },
  manager: { ...nullable, description: 'Their address' },
  photoHash: { ...nullable, description: 'SHA-256, in hexadecimal digits' },
  inDirectory: { type: 'boolean', description: 'false: an account made by hand, of which there is the address alone' },
};

const found = object({
  people: {
    type: 'array',
    items: object({ ...person, similar: { type: 'boolean', description: 'Found by likeness' } }),
    description: 'The best first',
  },
});

const listed = object({
  version: { type: 'string', description: 'For `since`, of the next page or the next time' },
  full: { type: 'boolean', description: 'This begins a list of everybody: what was known before counts no more' },
  more: { type: 'boolean', description: 'Ask again with `version` now' },
  people: { type: 'array', items: object(person) },
  removed: { ...addresses, description: 'Addresses that have left the address book; with the last page' },
});

const VERSION = /^(\d{1,15})(?:-(\d{1,15})-(\d{1,15}))?$/;

type Query = { Querystring: { q?: string; since?: string; limit?: string } };

/** Who there is to talk to. */
export function addAddressBookRoutes(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/address-book',
    {
      schema: {
        ...common,
        summary: 'Find people, or read the address book and what has changed in it',
        querystring: object(
          {
            q: {
              type: 'string',
              minLength: 1,
              maxLength: 200,
              description: 'Beginnings of words, or words like theirs',
            },
            since: { type: 'string', pattern: VERSION.source, description: '`version` of the answer before' },
            limit: {
              type: 'string',
              pattern: '^(1000|[1-9]\\d{0,2})$',
              description: 'With q at most 100 (default 20); else 500',
            },
          },
          [],
        ),
        response: answers({ 200: { anyOf: [found, listed] } }, 401),
      },
    },
    async (request: FastifyRequest<Query>) => {
      const { accountId: readerId } = await authorize(api.frontEnd(), request);
      const { backEnd } = api.frontEnd();
      const { q, since, limit } = request.query;
      const { usual, most } = q === undefined ? PAGE : FOUND;
      const bound = Number(limit ?? usual);
      if (bound > most) throw invalid(`limit is at most ${most} with q`);
      if (q !== undefined) {
        if (since !== undefined) throw invalid('q and since are of different requests');
        const people = await backEnd.searchPeople({ readerId, query: q, limit: bound });
        return { people: people.map((one) => ({ ...show(one), similar: one.isSimilar })) };
      }
      const known = since === undefined ? {} : { known: readVersion(since) };
      const list = await backEnd.listPeople({ readerId, limit: bound, ...known });
      const { full, more, people, removed } = list;
      const version = showVersion(list.known);
      return { version, full, more, people: people.map(show), removed: removed.map(showAddress) };
    },
  );

  server.get(
    '/v1/address-book/:address',
    {
      schema: {
        ...common,
        ...{ summary: 'One person', params: object({ address }) },
        response: answers({ 200: object(person) }, 401, 404),
      },
    },
    async (request: FastifyRequest<{ Params: { address: string } }>) => {
      const frontEnd = api.frontEnd();
      const { accountId: readerId } = await authorize(frontEnd, request);
      const named = await findAddress(frontEnd, request.params.address);
      const one = named && (await frontEnd.backEnd.findPerson({ readerId, address: named }));
      if (!one) throw accountUnknown();
      return show(one);
    },
  );
}

function show({ user, domain, manager, phones, inDirectory, ...person }: Person) {
  const { displayName, givenName, surname, mail, title, department, company, office, photoHash } = person;
  return {
    address: showAddress({ user, domain }),
    ...{
      displayName: displayName ?? null,
      givenName: givenName ?? null,
      surname: surname ?? null,
      mail: mail ?? null,
      phones,
    },
    ...{ title: title ?? null, department: department ?? null, company: company ?? null, office: office ?? null },
    ...{ manager: manager ? showAddress(manager) : null, photoHash: photoHash ?? null, inDirectory },
  };
}

function readVersion(text: string): PeopleKnown {
  const [, version, accountId, base] = VERSION.exec(text)!;
  if (accountId === undefined) return { version: Number(version) };
  return { version: Number(version), after: { accountId: Number(accountId), base: Number(base) } };
}

function showVersion({ version, after }: PeopleKnown): string {
  return after ? `${version}-${after.accountId}-${after.base}` : String(version);
}

function invalid(detail: string): Problem {
  return new Problem(400, 'invalid-request', { detail });
}
