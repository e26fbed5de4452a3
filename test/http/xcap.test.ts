import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call, signIn } from './http-client.ts';
import { ruleNode, XcapClient } from './xcap-client.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

let users = 0;
async function newcomer() {
  const account = await pool.addAccount(`user-${++users}`);
  const { accessToken: token } = await signIn(pool.frontEnd, account);
  const client = new XcapClient(account, pool.frontEnd);
  const contacts = async () => (await call(pool.frontEnd, 'GET /v1/contacts', { token })).body;
  return { account, token, client, contacts };
}

const lists = (inner: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">${inner}</resource-lists>`;
const entry = (user: string, name = '') =>
  `<entry uri="sip:${user}@example.org">${name && `<display-name>${name}</display-name>`}</entry>`;
const FRIENDS = lists(`<list name="friends">${entry('bob', 'Bob')}${entry('carol')}</list><list name="work"/>`);
const LIST = 'resource-lists/list[@name="friends"]';

describe('the contact list as a document (RFC 4826)', () => {
  it('is the same list that /v1/contacts has, whichever door it comes in by', async () => {
    const { client, contacts, token } = await newcomer();
    expect((await client.get()).status).toBe(404);
    const made = await client.putLists(FRIENDS);
    expect(made.status).toBe(201);
    expect(await contacts()).toMatchObject({
      groups: [{ name: 'friends' }, { name: 'work' }],
      contacts: [{ address: 'bob@example.org', displayName: 'Bob' }, { address: 'carol@example.org' }],
    });
    const put = { token, body: { displayName: 'Dave', groups: ['work'] } };
    expect((await call(pool.frontEnd, 'PUT /v1/contacts/dave@example.org', put)).status).toBeLessThan(300);
    const read = await client.get();
    expect(read).toMatchObject({ status: 200, type: 'application/resource-lists+xml' });
    expect(read.etag).not.toBe(made.etag);
    expect(read.text).toMatch(/<list name="work">.*sip:dave@example\.org.*Dave/s);
    expect((await client.putLists(read.text)).status).toBe(200);
    expect((await client.get()).text).toBe(read.text);
  });

  it('is read and written in parts', async () => {
    const { client, contacts } = await newcomer();
    await client.putLists(FRIENDS);
    const bob = `${LIST}/entry[@uri="sip:bob@example.org"]`;
    expect(await client.get(`${LIST}/entry[1]`)).toMatchObject({ status: 200, type: 'application/xcap-el+xml' });
    expect((await client.get(bob)).text).toContain('<display-name>Bob</display-name>');
    const added = await client.putElement(`${LIST}/entry[@uri="sip:eve@example.org"]`, entry('eve', 'Eve'));
    expect(added.status).toBe(201);
    expect((await client.get()).etag).toBe(added.etag);
    expect((await client.putElement(bob, entry('bob', 'Robert'))).status).toBe(200);
    expect((await contacts()).contacts).toMatchObject([{ displayName: 'Robert' }, {}, { displayName: 'Eve' }]);
    expect(await client.get(`${LIST}/@name`)).toMatchObject({
      ...{ status: 200, type: 'application/xcap-att+xml', text: 'friends' },
    });
    expect(await client.get(`${LIST}/namespace::*`)).toMatchObject({ status: 200, type: 'application/xcap-ns+xml' });
    expect((await client.putAttribute(`resource-lists/list[@name="work"]/@name`, 'office')).status).toBe(409);
    expect((await client.delete(bob)).status).toBe(200);
    expect((await client.get(bob)).status).toBe(404);
    expect((await client.delete(bob)).status).toBe(404);
    expect((await contacts()).contacts).toMatchObject([
      { address: 'carol@example.org' },
      { address: 'eve@example.org' },
    ]);
    const renamed = await client.putElement('resource-lists/list[2]', '<list name="office"/>');
    expect(renamed.status).toBe(200);
    expect((await contacts()).groups).toMatchObject([{ name: 'friends' }, { name: 'office' }]);
  });

  it('is named with other prefixes', async () => {
    const { client } = await newcomer();
    await client.putLists(FRIENDS);
    const path = client.path('resource-lists', 'a:resource-lists/a:list[1]/@name');
    const query = '?xmlns(a=urn:ietf:params:xml:ns:resource-lists)';
    expect(await client.send('GET', path + query)).toMatchObject({ status: 200, text: 'friends' });
    expect((await client.send('GET', `${path}?xmlns(a=urn:other)`)).status).toBe(404);
  });

  it('is not there any more when it is deleted, until somebody writes it again', async () => {
    const { client, contacts, token } = await newcomer();
    const none = { 'if-none-match': '*' };
    expect((await client.delete()).status).toBe(404);
    const first = await client.putLists(FRIENDS);
    expect((await client.delete()).status).toBe(200);
    expect(await contacts()).toMatchObject({ groups: [], contacts: [] });
    expect((await client.get()).status).toBe(404);
    expect((await client.get(LIST)).status).toBe(404);
    expect((await client.delete()).status).toBe(404);
    expect((await client.putElement(`${LIST}/entry[1]`, entry('eve'))).status).toBe(409);
    expect((await client.putLists(FRIENDS, { 'if-match': first.etag! })).status).toBe(412);
    const second = await client.putLists(FRIENDS, none);
    expect(second.status).toBe(201);
    expect(second.etag).not.toBe(first.etag);
    expect((await client.get()).text).toContain('sip:bob@example.org');

    expect((await client.delete()).status).toBe(200);
    expect((await call(pool.frontEnd, 'PUT /v1/contacts/dave@example.org', { token, body: {} })).status).toBe(200);
    expect((await client.get()).text).toContain('sip:dave@example.org');
  });

  it('is there when it is empty', async () => {
    const { client } = await newcomer();
    expect((await client.putLists(lists(''), { 'if-none-match': '*' })).status).toBe(201);
    expect(await client.get()).toMatchObject({ status: 200, type: 'application/resource-lists+xml' });
    expect((await client.putLists(lists(''), { 'if-none-match': '*' })).status).toBe(412);
  });
});

describe('who changes what somebody else has changed', () => {
  it('is told by the entity tag, of the document and of its parts', async () => {
    const { client } = await newcomer();
    const none = { 'if-none-match': '*' };
    const first = await client.putLists(FRIENDS, none);
    expect(first.status).toBe(201);
    expect((await client.putLists(FRIENDS, none)).status).toBe(412);
    const match = { 'if-match': first.etag! };
    const dave = `${LIST}/entry[@uri="sip:dave@example.org"]`;
    const second = await client.putElement(dave, entry('dave'), match);
    expect(second.status).toBe(201);
    for (const late of [
      await client.putLists(FRIENDS, match),
      await client.putElement(dave, entry('dave', 'D'), match),
      await client.putElement(dave, entry('dave', 'D'), none),
      await client.delete(dave, match),
      await client.get('', { headers: match }),
    ]) {
      expect(late.status).toBe(412);
    }
    expect((await client.get('', { headers: { 'if-none-match': second.etag! } })).status).toBe(304);
    expect((await client.get('', { headers: { 'if-none-match': first.etag! } })).status).toBe(200);
    expect((await client.delete(dave, { 'if-match': second.etag! })).status).toBe(200);
  });

  it('and without a tag loses nothing that the others have added meanwhile', async () => {
    const { account, client, contacts } = await newcomer();
    await client.putLists(FRIENDS);
    const others = Array.from({ length: 4 }, () => new XcapClient(account, pool.frontEnd));
    const answers = await Promise.all(
      others.map((one, n) => one.putElement(`${LIST}/entry[@uri="sip:u${n}@example.org"]`, entry(`u${n}`))),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect((await contacts()).contacts).toHaveLength(6);
  });
});

describe('what cannot be done is a conflict that says why (RFC 4825 §11)', () => {
  const NS = 'xmlns="urn:ietf:params:xml:ns:resource-lists"';
  it.each([
    [
      'an element without its parent',
      `resource-lists/list[@name="no"]/entry[@uri="sip:x@example.org"]`,
      entry('x'),
      'no-parent',
    ],
    [
      'an element that would not be found where it is put',
      `${LIST}/entry[@uri="sip:x@example.org"]`,
      entry('y'),
      'cannot-insert',
    ],
    ['no element', `${LIST}/entry[@uri="sip:x@example.org"]`, 'text', 'not-xml-frag'],
    ['half an element', `${LIST}/entry[@uri="sip:x@example.org"]`, '<entry', 'not-xml-frag'],
    ['an element that is not kept there', `${LIST}/rule`, `<rule ${NS}/>`, 'constraint-failure'],
  ])('%s', async (_, node, body, condition) => {
    const { client } = await newcomer();
    await client.putLists(FRIENDS);
    const before = await client.get();
    const answer = await client.putElement(node, body);
    expect(answer).toMatchObject({ status: 409, type: 'application/xcap-error+xml' });
    expect(answer.text).toContain(`<${condition}`);
    expect((await client.get()).etag).toBe(before.etag);
  });

  it('names the closest parent that there is', async () => {
    const { client } = await newcomer();
    await client.putLists(FRIENDS);
    const answer = await client.putElement('resource-lists/list[@name="no"]/entry[1]', entry('x'));
    expect(answer.text).toContain(`${client.path()}/~~/resource-lists`);
  });

  it('also in a document that there is not', async () => {
    const { client } = await newcomer();
    const answer = await client.putElement(`${LIST}/entry[1]`, entry('x'));
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('<no-parent');
  });
});

const rule = (id: string, identity: string, handling: string) =>
  `<rule id="${id}"><conditions><identity>${identity}</identity></conditions>` +
  `<actions><pr:sub-handling>${handling}</pr:sub-handling></actions><transformations/></rule>`;
const RULES_NS = 'xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules"';

describe('access rules as a document (RFC 5025)', () => {
  const rules = async ({ token }: { token: string }) =>
    (await call(pool.frontEnd, 'GET /v1/access-rules', { token })).body.rules;

  it('are the same rules that /v1/access-rules has, whichever door they come in by', async () => {
    const who = await newcomer();
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
    const who = await newcomer();
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

describe('xcap-caps', () => {
  it('say to everybody what there is', async () => {
    const { body, status } = await call(pool.frontEnd, 'GET /xcap-root/xcap-caps/global/index');
    expect(status).toBe(200);
    for (const auid of ['resource-lists', 'pres-rules', 'xcap-caps']) expect(body).toContain(`<auid>${auid}</auid>`);
    const part = await call(pool.frontEnd, 'GET /xcap-root/xcap-caps/global/index/~~/xcap-caps/auids/auid%5B1%5D');
    expect(part.body).toContain('xcap-caps</auid>');
  });
});
