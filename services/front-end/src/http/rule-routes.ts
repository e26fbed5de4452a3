import { ACCESS_LEVELS, type AccessRule } from '@rollcall/back-end';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Api } from './api.ts';
import { authorize } from './authorize.ts';
import { changeRules, type GivenRule, readSubject, showRule } from './change-rules.ts';
import { headers } from './contact-schemas.ts';
import { Problem } from './problem.ts';
import { answers, NEEDS_TOKEN, nothing, object, text } from './schemas.ts';
import { entityTag, ifMatch, sendVersion } from './version.ts';

/** 10,000 rules. */
const RULES_BYTES = 4 * 1024 * 1024;

const common = { tags: ['access rules'], security: NEEDS_TOKEN };
const subject = {
  ...text(512),
  description: '`everyone`, a domain, or an address',
  examples: ['everyone', 'example.org', 'bob@example.org'],
};
const says = {
  communication: { enum: ['allow', 'deny', null], description: 'Messages and calls; null: a less specific rule says' },
  level: { enum: [...ACCESS_LEVELS, null], description: 'What is seen of presence; null: a less specific rule says' },
};
const rule = object({ subject, ...says });
const version = { type: 'integer', description: 'Of all the rules, as in ETag' };
const changed = { description: 'It is so now', ...object({ version }) };
const bySubject = { params: object({ subject }) };

type BySubject = { Params: { subject: string } };
type Put = { Body: { rules: (GivenRule & { subject: string })[] } };

/** Who may reach an account, and what they see of it. */
export function addRuleRoutes(server: FastifyInstance, api: Api): void {
  addRules(server, api);
  addOneRule(server, api);
}

function addRules(server: FastifyInstance, api: Api): void {
  server.get(
    '/v1/access-rules',
    {
      schema: {
        ...common,
        summary: 'The access rules: of users, of domains, of everyone',
        response: answers(
          { 200: object({ version, rules: { type: 'array', items: rule } }), 304: nothing('As in If-None-Match') },
          401,
        ),
      },
    },
    async (request, reply) => {
      const frontEnd = api.frontEnd();
      const { accountId } = await authorize(frontEnd, request);
      const { version, rules } = await frontEnd.backEnd.findAccessRules({ accountId });
      return sendVersion(request, reply, version, { version, rules: rules.map(showRule) });
    },
  );

  const rules = { type: 'array', maxItems: 10_000, items: object({ subject, ...says }, ['subject']) };
  server.put(
    '/v1/access-rules',
    {
      bodyLimit: RULES_BYTES,
      schema: {
        ...common,
        ...{ summary: 'Replace the access rules', headers, body: object({ rules }) },
        response: answers({ 200: changed }, 401, 409, 412, 413, 422),
      },
    },
    async (request: FastifyRequest<Put>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const rules = await Promise.all(
        request.body.rules.map(async ({ subject, ...says }) => {
          return { ...says, subject: await readSubject(frontEnd, subject) } as AccessRule;
        }),
      );
      const { version } = await changeRules(frontEnd, holder, { ...ifMatch(request), rules });
      return reply.header('ETag', entityTag(version)).send({ version });
    },
  );

  server.delete(
    '/v1/access-rules',
    {
      schema: {
        ...common,
        ...{ summary: 'Remove all access rules', headers },
        response: answers({ 204: nothing('Removed') }, 401, 412),
      },
    },
    async (request, reply) => {
      const frontEnd = api.frontEnd();
      await changeRules(frontEnd, await authorize(frontEnd, request), { ...ifMatch(request), rules: [] });
      return reply.code(204).send();
    },
  );
}

function addOneRule(server: FastifyInstance, api: Api): void {
  server.put(
    '/v1/access-rules/:subject',
    {
      schema: {
        ...common,
        ...bySubject,
        ...{ summary: 'Set what one rule says', headers, body: object(says, []) },
        description: 'What is left out is not said by it any more; a rule that says nothing goes.',
        response: answers({ 200: changed }, 401, 409, 412, 422),
      },
    },
    async (request: FastifyRequest<BySubject & { Body: GivenRule }>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const subject = await readSubject(frontEnd, request.params.subject);
      const changes = [{ communication: null, level: null, ...request.body, subject }];
      const { version } = await changeRules(frontEnd, holder, { ...ifMatch(request), changes });
      return reply.header('ETag', entityTag(version)).send({ version });
    },
  );

  server.delete(
    '/v1/access-rules/:subject',
    {
      schema: {
        ...common,
        ...bySubject,
        ...{ summary: 'Remove an access rule', headers },
        response: answers({ 204: nothing('Removed') }, 401, 404, 412, 422),
      },
    },
    async (request: FastifyRequest<BySubject>, reply) => {
      const frontEnd = api.frontEnd();
      const holder = await authorize(frontEnd, request);
      const subject = await readSubject(frontEnd, request.params.subject);
      const changes = [{ subject, communication: null, level: null }];
      const { changed, version } = await changeRules(frontEnd, holder, { ...ifMatch(request), changes });
      if (!changed) throw new Problem(404, 'rule-unknown', { detail: 'There is no such rule' });
      return reply.code(204).header('ETag', entityTag(version)).send();
    },
  );
}
