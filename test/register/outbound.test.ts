import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

const INSTANCE = '<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>';
const flow = (regId: number | string, instance = INSTANCE) => `;+sip.instance="${instance}";reg-id=${regId}`;
const supported = 'path, outbound, gruu';

describe('a phone that keeps flows open, RFC 5626', () => {
  it('is told that the flow is kept, and gets its instance and reg-id back', async () => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [alice.contact(flow(1))], supported });
    expect(answer.status).toBe(200);
    expect(answer.header('Require')).toBe('outbound');
    expect(answer.contacts[0]?.parameters).toMatchObject({ '+sip.instance': INSTANCE, 'reg-id': '1' });
  });

  it('has one endpoint for its flow, though its address has changed and it has restarted', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: [`<sip:alice@192.0.2.1:1111>${flow(1)}`], supported });
    const moved = await alice.register({
      contacts: [`<sip:alice@198.51.100.7:2222>${flow(1)}`],
      supported,
      callId: 'after-the-restart',
      cseq: 1,
    });
    expect(moved.contacts.map(({ uri }) => uri)).toEqual(['sip:alice@198.51.100.7:2222']);
  });

  it('has two endpoints for two flows, even from one address', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: [alice.contact(flow(1))], supported });
    const answer = await alice.register({ contacts: [alice.contact(flow(2))], supported });
    expect(answer.contacts.map(({ parameters }) => parameters['reg-id']).sort()).toEqual(['1', '2']);
  });

  it('is not mistaken for another instance with the same reg-id', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: [`<sip:alice@192.0.2.1>${flow(1, '<urn:uuid:a>')}`], supported });
    const answer = await alice.register({
      contacts: [`<sip:alice@192.0.2.2>${flow(1, '<urn:uuid:b>')}`],
      supported,
    });
    expect(answer.contacts).toHaveLength(2);
  });

  it('removes its flow from another address than it registered it from', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: [`<sip:alice@192.0.2.1>${flow(1)}`], supported });
    const answer = await alice.register({ contacts: [`<sip:alice@192.0.2.9>${flow(1)};expires=0`], supported });
    expect(answer.contacts).toEqual([]);
  });

  it('may use any reg-id that the RFC allows', async () => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [alice.contact(flow(2 ** 31 - 1))], supported });
    expect(answer.contacts[0]?.parameters['reg-id']).toBe('2147483647');
  });

  it('may not register two flows in one request', async () => {
    const alice = await pool.client();
    const contacts = [`<sip:alice@192.0.2.1>${flow(1)}`, `<sip:alice@192.0.2.2>${flow(2)}`];
    expect((await alice.register({ contacts, supported })).status).toBe(400);
    expect((await alice.register()).contacts).toEqual([]);
  });

  it('may drop one flow and register another in one request', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: [`<sip:alice@192.0.2.1>${flow(1)}`], supported });
    const contacts = [`<sip:alice@192.0.2.1>${flow(1)};expires=0`, `<sip:alice@192.0.2.2>${flow(2)}`];
    const answer = await alice.register({ contacts, supported });
    expect(answer.contacts.map(({ parameters }) => parameters['reg-id'])).toEqual(['2']);
  });
});

describe('a reg-id that means nothing', () => {
  it.each([
    { what: 'the phone does not support outbound', contact: flow(1), supported: 'gruu' },
    { what: 'there is no instance', contact: ';reg-id=1', supported },
    { what: 'it is 0', contact: flow(0), supported },
    { what: 'it is no number', contact: flow('one'), supported },
    { what: 'it is larger than 2^31-1', contact: flow(2 ** 31), supported },
  ])('is ignored: $what', async ({ contact, supported }) => {
    const alice = await pool.client();
    await alice.register({ contacts: [`<sip:alice@192.0.2.1>${contact}`], supported });
    const answer = await alice.register({ contacts: [`<sip:alice@192.0.2.2>${contact}`], supported });
    expect(answer.status).toBe(200);
    expect(answer.header('Require')).toBeUndefined();
    // Told apart by their URIs, as without reg-id.
    expect(answer.contacts).toHaveLength(2);
    expect(answer.contacts[0]?.parameters).not.toHaveProperty('reg-id');
  });
});

describe('a proxy on the way', () => {
  const proxied = (via: string) => `SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKproxy;rport${via}`;
  const phoneVia = 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bKphone';
  const path = '<sip:proxy.example.net;lr>';
  const pathWithOb = '<sip:proxy.example.net;lr;ob>';

  it.each([
    { what: 'two Via lines', headers: [['Via', phoneVia]] as const },
    { what: 'one Via line with two values', via: `, ${phoneVia}` },
    { what: 'a Path without ob', via: `, ${phoneVia}`, headers: [['Path', path]] as const },
    {
      what: 'ob on a later hop only',
      headers: [
        ['Via', phoneVia],
        ['Path', `${pathWithOb}, ${path}`],
      ] as const,
    },
  ])('that does not keep flows makes it 439: $what', async ({ via = '', headers = [] }) => {
    const alice = await pool.client();
    const branch = Math.random().toString(36).slice(2);
    const request = { via: proxied(via).replace('proxy', branch), contacts: [alice.contact(flow(1))], supported };
    const challenged = await alice.exchange({ ...request, headers });
    const answer = await alice.answerChallenge(challenged, { ...request, headers });
    expect(answer.status).toBe(439);
    expect((await alice.register()).contacts).toEqual([]);
  });

  it.each([
    { what: 'one value', paths: [pathWithOb] },
    { what: 'the last of a list', paths: [`${path}, ${pathWithOb}`] },
    { what: 'the last of two lines', paths: [path, pathWithOb] },
  ])('that keeps them says so with ob in its Path: $what', async ({ paths }) => {
    const alice = await pool.client();
    const answer = await alice.register({
      via: proxied(''),
      contacts: [alice.contact(flow(1))],
      supported,
      headers: [['Via', phoneVia], ...paths.map((value) => ['Path', value] as const)],
    });
    expect(answer.status).toBe(200);
    expect(answer.header('Require')).toBe('outbound');
  });

  it('does not matter to a phone that asks for no flow', async () => {
    const alice = await pool.client();
    const answer = await alice.register({
      via: proxied(''),
      contacts: [alice.contact()],
      supported,
      headers: [['Via', phoneVia]],
    });
    expect(answer.status).toBe(200);
  });
});

describe('Path, RFC 3327', () => {
  const paths = ['<sip:p2.example.net;lr>, <sip:p1.example.net;lr>', '<sip:p0.example.net;lr>'];
  const headers = paths.map((value) => ['Path', value] as const);

  it('is stored with the endpoint, and shown to a phone that supports it', async () => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [alice.contact()], supported: 'path', headers });
    expect(answer.headers('Path')).toEqual(paths);
    const [stored] = await pool.backEnd.listEndpoints(alice.account);
    expect(stored?.path.join(', ')).toBe(paths.join(', '));
  });

  it('is stored but not shown to one that does not', async () => {
    const alice = await pool.client();
    const answer = await alice.register({ contacts: [alice.contact()], headers });
    expect(answer.status).toBe(200);
    expect(answer.header('Path')).toBeUndefined();
    expect((await pool.backEnd.listEndpoints(alice.account))[0]?.path).not.toEqual([]);
  });

  it('is replaced by that of the next refresh', async () => {
    const alice = await pool.client();
    await alice.register({ contacts: [alice.contact()], supported: 'path', headers });
    await alice.register({ contacts: [alice.contact()], supported: 'path' });
    expect((await pool.backEnd.listEndpoints(alice.account))[0]?.path).toEqual([]);
  });

  it('that cannot be read is refused with 400: nobody could route by it', async () => {
    const alice = await pool.client();
    const request = { contacts: [alice.contact()], supported: 'path', headers: [['Path', 'not an address']] as const };
    expect((await alice.register(request)).status).toBe(400);
    expect((await alice.register()).contacts).toEqual([]);
  });
});
