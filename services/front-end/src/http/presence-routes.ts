import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Api } from './api.ts';
import { authorize } from './authorize.ts';
import { INSTANCE_PATTERN } from './instance.ts';
import { findOwnPresence, findPresence, publishPresence, type SaidPresence, setPresence } from './own-presence.ts';
import { ownPresence, saidPresence, shownPresence } from './presence-schemas.ts';
import { Problem } from './problem.ts';
import { address, answers, NEEDS_TOKEN, nothing, object } from './schemas.ts';

const common = { tags: ['presence'], security: NEEDS_TOKEN };

const conditions = {
  querystring: object(
    {
      instance: {
        ...{ type: 'string', pattern: INSTANCE_PATTERN },
        description: 'Of this endpoint alone, and for as long as it is there; else by hand, for the account',
      },
    },
    [],
  ),
  headers: {
    type: 'object',
    properties: { 'if-match': { type: 'string', description: 'The ETag of the publication that this one changes' } },
  },
};

type Change = { Querystring: { instance?: string }; Body: SaidPresence };
type ByAddress = { Params: { address: string } };

/** Presence: what one says of oneself, and what others see. */
export function addPresenceRoutes(server: FastifyInstance, api: Api): void {
  addPresenceChanges(server, api);
  addPresenceReads(server, api);
}

function addPresenceChanges(server: FastifyInstance, api: Api): void {
  server.put(
    '/v1/presence',
    {
      schema: {
        ...common,
        ...conditions,
        summary: 'Say that one is busy, away …',
        description:
          'By hand, until it is taken back or `expires`; with `instance` what that endpoint publishes (RFC 3903).',
        body: saidPresence,
        response: answers({ 200: ownPresence }, 401, 404, 412, 422),
      },
    },
    async (request: FastifyRequest<Change>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const { instance } = request.query;
      if (instance === undefined) {
        await setPresence(frontEnd, holder, request.body);
      } else {
        const published = await publishPresence(frontEnd, holder, {
          instance,
          etag: etagOf(request),
          said: request.body,
        });
        if (published) reply.header('ETag', `"${published.etag}"`);
      }
      return findOwnPresence(frontEnd, holder);
    },
  );

  server.delete(
    '/v1/presence',
    {
      schema: {
        ...common,
        ...conditions,
        summary: 'Take back what was said',
        response: answers({ 204: nothing('Taken back, also when nothing was said') }, 401, 404, 412),
      },
    },
    async (request: FastifyRequest<Omit<Change, 'Body'>>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const { instance } = request.query;
      if (instance === undefined) await setPresence(frontEnd, holder, null);
      else await publishPresence(frontEnd, holder, { instance, etag: neededEtag(request), said: null });
      return reply.code(204).send();
    },
  );
}

function addPresenceReads(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/presence',
    { schema: { ...common, summary: 'One’s own presence', response: answers({ 200: ownPresence }, 401) } },
    async (request) => {
      const frontEnd = api.frontEnd();
      return findOwnPresence(frontEnd, await authorize(frontEnd, request));
    },
  );

  server.get(
    '/v1/presence/:address',
    {
      schema: {
        ...common,
        summary: 'What one sees of somebody',
        params: object({ address }),
        response: answers({ 200: shownPresence }, 401, 404),
      },
    },
    async (request: FastifyRequest<ByAddress>) => {
      const frontEnd = api.frontEnd();
      return findPresence(frontEnd, await authorize(frontEnd, request), request.params.address);
    },
  );
}

function etagOf({ headers }: { headers: FastifyRequest['headers'] }): string | undefined {
  const value = headers['if-match'];
  if (value === undefined) return undefined;
  const etag = /^"([0-9a-f.]{1,64})"$/.exec(value)?.[1];
  if (etag === undefined) throw new Problem(412, 'publication-unknown', { detail: 'That is no entity tag of ours' });
  return etag;
}

/** RFC 3903 §4.5: which publication is removed, its tag says. */
function neededEtag(request: { headers: FastifyRequest['headers'] }): string {
  const etag = etagOf(request);
  if (etag === undefined) throw new Problem(428, undefined, { detail: 'If-Match is to name the publication' });
  return etag;
}
