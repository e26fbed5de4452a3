import type { RunningFrontEnd } from '@rollcall/front-end';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call, problem } from './http-client.ts';
import { newcomer } from './newcomer.ts';

let pool: FrontEndPool;
let other: RunningFrontEnd;

beforeAll(async () => {
  pool = await startFrontEndPool({ maxContacts: 5 });
  other = await pool.addFrontEnd();
});
afterAll(() => pool.stop());

/** An HTTP client of an account of its own. */
async function contactUser() {
  const { account, address, token } = await newcomer(pool);
  const ask = (methodAndPath: string, body?: object, headers: Record<string, string> = {}, frontEnd = pool.frontEnd) =>
    call(frontEnd, methodAndPath, { token, body, headers });
  return { account, address, ask };
}

const stranger = (n: number) => `friend-${n}@elsewhere.example`;

describe('a contact list', () => {
  it('is put through one front end and read through another', async () => {
    const [alice, bob] = [await contactUser(), await contactUser()];
    expect((await alice.ask('GET /v1/contacts')).body).toEqual({
      ...{ version: 0, full: true, groups: [], contacts: [], removedGroups: [], removedContacts: [] },
    });
    const put = await alice.ask('PUT /v1/contacts', {
      groups: [{ name: 'Friends' }],
      contacts: [
        { address: `sip:${bob.address}`, displayName: 'Bob', groups: ['Friends'] },
        { address: stranger(1), note: 'From the fair' },
      ],
    });
    expect(put).toMatchObject({ status: 200, body: { version: 1 } });
    expect(put.headers.get('etag')).toBe('"1"');
    const read = await alice.ask('GET /v1/contacts', undefined, {}, other);
    expect(read.headers.get('etag')).toBe('"1"');
    expect(read.body).toEqual({
      ...{ version: 1, full: true, removedGroups: [], removedContacts: [] },
      groups: [{ id: 1, name: 'Friends', position: 0 }],
      contacts: [
        { address: bob.address, displayName: 'Bob', note: null, groups: [1], position: 0, inPool: true },
        { address: stranger(1), displayName: null, note: 'From the fair', groups: [], position: 1, inPool: false },
      ],
    });
    expect(await alice.ask('GET /v1/contacts', undefined, { 'if-none-match': '"1"' })).toMatchObject({ status: 304 });
  });

  it('tells what has changed since a version', async () => {
    const alice = await contactUser();
    await alice.ask('PUT /v1/contacts', { contacts: [1, 2].map((n) => ({ address: stranger(n) })) });
    const contacts = [{ address: stranger(3) }];
    await alice.ask('PATCH /v1/contacts', { contacts, removedContacts: [stranger(1)] });
    expect((await alice.ask('GET /v1/contacts?since=1')).body).toMatchObject({
      ...{ version: 2, full: false, removedContacts: [stranger(1)] },
      contacts: [{ address: stranger(3) }],
    });
    expect((await alice.ask('GET /v1/contacts?since=77')).body).toMatchObject({ full: true });
    expect((await alice.ask('GET /v1/contacts?since=x')).status).toBe(400);
  });

  it('is not changed by who has an older version', async () => {
    const alice = await contactUser();
    await alice.ask(`PUT /v1/contacts/${stranger(1)}`, {});
    const late = await alice.ask('PUT /v1/contacts', { contacts: [] }, { 'if-match': '"0"' });
    expect(late).toMatchObject(problem('version-differs', 412));
    expect(late.headers.get('etag')).toBe('"1"');
    expect((await alice.ask('DELETE /v1/contacts', undefined, { 'if-match': 'W/"1"' })).status).toBe(412);
    expect((await alice.ask('DELETE /v1/contacts', undefined, { 'if-match': '"1"' })).status).toBe(204);
    expect((await alice.ask('GET /v1/contacts')).body).toMatchObject({ version: 2, contacts: [] });
  });

  it('is as long as the pool allows', async () => {
    const alice = await contactUser();
    const contacts = [1, 2, 3, 4, 5, 6].map((n) => ({ address: stranger(n) }));
    expect(await alice.ask('PUT /v1/contacts', { contacts })).toMatchObject(problem('too-many-contacts', 409));
    expect((await alice.ask('PUT /v1/contacts', { contacts: contacts.slice(1) })).status).toBe(200);
    expect(await alice.ask(`PUT /v1/contacts/${stranger(1)}`, {})).toMatchObject(problem('too-many-contacts', 409));
  });

  it('is refused when it is wrong, in short', async () => {
    const alice = await contactUser();
    for (const address of ['', 'bob', '@example.org', 'a b@example.org', 'bob@example.org\r\nX: y'])
      expect([400, 422], address).toContain((await alice.ask('PUT /v1/contacts', { contacts: [{ address }] })).status);
    expect(
      await alice.ask('PUT /v1/contacts', { contacts: [{ address: stranger(1), groups: ['Nobody'] }] }),
    ).toMatchObject(problem('group-unknown', 422));
    const nonsense = Array.from({ length: 5000 }, () => ({ address: 7, groups: {} }));
    const answer = await alice.ask('PUT /v1/contacts', { contacts: nonsense });
    expect(answer).toMatchObject(problem('invalid-request', 400));
    expect(JSON.stringify(answer.body).length).toBeLessThan(10_000);
    const long = { contacts: [{ address: stranger(1), note: 'x'.repeat(5 * 1024 * 1024) }] };
    expect((await alice.ask('PUT /v1/contacts', long)).status).toBe(413);
    expect((await alice.ask('PUT /v1/contacts', { contacts: [{ address: stranger(1), note: 'a\0b' }] })).status).toBe(
      400,
    );
    expect((await alice.ask('GET /v1/contacts')).body.version).toBe(0);
  });

  it('is nobody else’s, and not changed after signing out', async () => {
    const [alice, bob] = [await contactUser(), await contactUser()];
    await alice.ask(`PUT /v1/contacts/${stranger(1)}`, {});
    expect((await bob.ask('GET /v1/contacts')).body.contacts).toEqual([]);
    await alice.ask('DELETE /v1/sessions/current');
    expect(await alice.ask(`PUT /v1/contacts/${stranger(2)}`, {})).toMatchObject(problem('token-invalid', 401));
    expect((await call(pool.frontEnd, 'GET /v1/contacts')).status).toBe(401);
  });
});

describe('one contact', () => {
  it('is added, changed in part, said anew, and removed', async () => {
    const alice = await contactUser();
    const path = `/v1/contacts/${encodeURIComponent(stranger(1))}`;
    expect(await alice.ask(`GET ${path}`)).toMatchObject(problem('contact-unknown', 404));
    expect(await alice.ask(`PATCH ${path}`, { note: 'x' })).toMatchObject(problem('contact-unknown', 404));
    const put = await alice.ask(`PUT ${path}`, { displayName: 'One', note: 'Met in Rome' });
    expect(put).toMatchObject({ status: 200, body: { displayName: 'One', note: 'Met in Rome' } });
    expect((await alice.ask(`PATCH ${path}`, { displayName: 'First' })).body).toMatchObject({
      ...{ displayName: 'First', note: 'Met in Rome' },
    });
    expect((await alice.ask(`PUT ${path}`, {})).body).toMatchObject({ displayName: null, note: null });
    expect((await alice.ask(`DELETE ${path}`)).status).toBe(204);
    expect(await alice.ask(`DELETE ${path}`)).toMatchObject(problem('contact-unknown', 404));
  });

  it('may have a long name with anything in it', async () => {
    const alice = await contactUser();
    const address = `${encodeURIComponent(`ö/%?#${'x'.repeat(200)}`)}@elsewhere.example`;
    const path = `/v1/contacts/${encodeURIComponent(address)}`;
    const { body } = await alice.ask(`PUT ${path}`, {});
    expect(await alice.ask(`GET /v1/contacts/${encodeURIComponent(body.address)}`)).toMatchObject({
      status: 200,
      body,
    });
  });
});

describe('groups', () => {
  it('are made, renamed, moved and removed', async () => {
    const alice = await contactUser();
    expect(await alice.ask('POST /v1/groups', { name: 'Friends' })).toMatchObject({
      ...{ status: 201, body: { id: 1, name: 'Friends', position: 0 } },
    });
    await alice.ask('POST /v1/groups', { name: 'Work' });
    expect(await alice.ask('POST /v1/groups', { name: 'Work' })).toMatchObject(problem('group-exists', 409));
    expect((await alice.ask('PATCH /v1/groups/1', { name: 'Family', position: 7 })).body).toEqual({
      ...{ id: 1, name: 'Family', position: 7 },
    });
    expect(await alice.ask('PATCH /v1/groups/2', { name: 'Family' })).toMatchObject(problem('group-exists', 409));
    expect((await alice.ask('GET /v1/groups')).body).toEqual({
      version: 3,
      groups: [
        { id: 2, name: 'Work', position: 1 },
        { id: 1, name: 'Family', position: 7 },
      ],
    });
    await alice.ask(`PUT /v1/contacts/${stranger(1)}`, { groups: [1, 'Work'] });
    expect((await alice.ask('DELETE /v1/groups/1')).status).toBe(204);
    expect((await alice.ask(`GET /v1/contacts/${stranger(1)}`)).body.groups).toEqual([2]);
    expect(await alice.ask('DELETE /v1/groups/1')).toMatchObject(problem('group-unknown', 404));
    expect(await alice.ask('PATCH /v1/groups/1', { name: 'x' })).toMatchObject(problem('group-unknown', 404));
  });
});

describe('who is added', () => {
  it('is told by whom until it is acknowledged', async () => {
    const [alice, bob] = [await contactUser(), await contactUser()];
    await alice.ask(`PUT /v1/contacts/${bob.address}`, {});
    const { notices } = (await bob.ask('GET /v1/contact-notices', undefined, {}, other)).body;
    expect(notices).toEqual([{ id: expect.any(Number), from: alice.address, at: expect.stringMatching(/Z$/) }]);
    const path = `POST /v1/contact-notices/${notices[0].id}/ack`;
    expect(await alice.ask(path)).toMatchObject(problem('notice-unknown', 404));
    expect((await bob.ask(path)).status).toBe(204);
    expect((await bob.ask('GET /v1/contact-notices')).body.notices).toEqual([]);
  });
});
