import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call } from './http-client.ts';
import { XcapClient, xcapUser } from './xcap-client.ts';
import { entry, FRIENDS, LIST, lists } from './xcap-documents.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

describe('the contact list as a document (RFC 4826)', () => {
  it('is the same list that /v1/contacts has, whichever door it comes in by', async () => {
    const { client, contacts, token } = await xcapUser(pool);
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
    const { client, contacts } = await xcapUser(pool);
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
    const { client } = await xcapUser(pool);
    await client.putLists(FRIENDS);
    const path = client.path('resource-lists', 'a:resource-lists/a:list[1]/@name');
    const query = '?xmlns(a=urn:ietf:params:xml:ns:resource-lists)';
    expect(await client.send('GET', path + query)).toMatchObject({ status: 200, text: 'friends' });
    expect((await client.send('GET', `${path}?xmlns(a=urn:other)`)).status).toBe(404);
  });

  it('is not there any more when it is deleted, until somebody writes it again', async () => {
    const { client, contacts, token } = await xcapUser(pool);
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
    const { client } = await xcapUser(pool);
    expect((await client.putLists(lists(''), { 'if-none-match': '*' })).status).toBe(201);
    expect(await client.get()).toMatchObject({ status: 200, type: 'application/resource-lists+xml' });
    expect((await client.putLists(lists(''), { 'if-none-match': '*' })).status).toBe(412);
  });
});

describe('who changes what somebody else has changed', () => {
  it('is told by the entity tag, of the document and of its parts', async () => {
    const { client } = await xcapUser(pool);
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
    const { account, client, contacts } = await xcapUser(pool);
    await client.putLists(FRIENDS);
    const others = Array.from({ length: 4 }, () => new XcapClient(account, pool.frontEnd));
    const answers = await Promise.all(
      others.map((one, n) => one.putElement(`${LIST}/entry[@uri="sip:u${n}@example.org"]`, entry(`u${n}`))),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect((await contacts()).contacts).toHaveLength(6);
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
