import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call } from './http-client.ts';
import { ruleNode, xcapUser } from './xcap-client.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

const rule = (id: string, identity: string, handling: string) =>
  `<rule id="${id}"><conditions><identity>${identity}</identity></conditions>` +
  `<actions><pr:sub-handling>${handling}</pr:sub-handling></actions><transformations/></rule>`;
const RULES_NS = 'xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules"';

describe('access rules as a document (RFC 5025)', () => {
  const rules = async ({ token }: { token: string }) =>
    (await call(pool.frontEnd, 'GET /v1/access-rules', { token })).body.rules;

  it('are the same rules that /v1/access-rules has, whichever door they come in by', async () => {
    const who = await xcapUser(pool);
    const document =
      `<ruleset ${RULES_NS}>${rule('a', '<one id="sip:bob@example.org"/>', 'polite-block')}` +
      `${rule('b', '<many domain="example.net"/>', 'allow')}</ruleset>`;
    const made = await who.client.putRules(document);
    expect(made.status).toBe(201);
    expect(await rules(who)).toMatchObject([
      { subject: 'bob@example.org', level: 'blocked' },
      { subject: 'example.net', level: 'public' },
    ]);
    const body = { level: 'personal', communication: 'deny' };
    await call(pool.frontEnd, 'PUT /v1/access-rules/carol@example.org', { token: who.token, body });
    const read = await who.client.get('', { auid: 'pres-rules' });
    expect(read).toMatchObject({ status: 200, type: 'application/auth-policy+xml' });
    expect(read.etag).not.toBe(made.etag);
    const before = await rules(who);
    expect((await who.client.putRules(read.text, { 'if-match': made.etag! })).status).toBe(412);
    expect((await who.client.putRules(read.text, { 'if-match': read.etag! })).status).toBe(200);
    expect(await rules(who)).toEqual(before);
    expect((await who.client.delete('', {}, 'pres-rules')).status).toBe(200);
    expect((await who.client.get('', { auid: 'pres-rules' })).status).toBe(404);
    expect(await rules(who)).toEqual([]);
  });

  it('are changed one by one', async () => {
    const who = await xcapUser(pool);
    await who.client.putRules(
      `<ruleset ${RULES_NS}>${rule('a', '<one id="sip:bob@example.org"/>', 'block')}</ruleset>`,
    );
    const put = (id: string, user: string) => {
      const element = rule(id, `<one id="sip:${user}@example.org"/>`, 'polite-block').replace(
        '<rule',
        `<rule ${RULES_NS}`,
      );
      return who.client.putElement(ruleNode(id), element, {}, 'pres-rules');
    };
    expect((await put('user-carol_40example.org', 'carol')).status).toBe(201);
    expect(await rules(who)).toHaveLength(2);
    // Its id is the pool's to give: elsewhere it would not be found again.
    expect((await put('mine', 'dave')).text).toContain('<cannot-insert');
    expect((await who.client.delete(ruleNode('user-bob_40example.org'), {}, 'pres-rules')).status).toBe(200);
    expect(await rules(who)).toMatchObject([{ subject: 'carol@example.org', level: 'blocked' }]);
  });
});
