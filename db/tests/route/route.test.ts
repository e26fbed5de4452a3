import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instanceHash, type RouteOutcome, type RouteRequest } from '../../../packages/back-end/src/index.ts';
import {
  at,
  contact,
  DOMAIN,
  endpoints,
  type Fixture,
  HA1,
  openFixture,
  request,
  type TestAccount,
} from '../fixture.ts';

let fixture: Fixture;
let alice: TestAccount;
let bob: TestAccount;
const PHONE = '<urn:uuid:00000000-0000-1000-8000-000000000001>';
const DESK = '<urn:uuid:00000000-0000-1000-8000-000000000002>';

beforeAll(async () => {
  fixture = await openFixture();
  alice = await fixture.addAccount('alice');
  bob = await fixture.addAccount('bob');
});
afterAll(() => fixture.close());

const name = ({ user, domain }: { user: string; domain: string }) => `${user}@${domain}`;

/** Alice asks for bob, ten seconds past noon, unless said otherwise. */
const ask = (changes: Partial<RouteRequest> = {}): Promise<RouteOutcome> =>
  fixture.backEnd.route({
    caller: { accountId: alice.accountId, credentialVersion: 1 },
    from: name(alice),
    checkFrom: false,
    target: bob,
    now: at(10),
    ...changes,
  });

const routed = async (changes?: Partial<RouteRequest>) => {
  const outcome = await ask(changes);
  if (outcome.outcome !== 'routed') throw new Error(outcome.outcome);
  return outcome.endpoints.toSorted((a, b) => a.id - b.id);
};

async function register(account: TestAccount, changes: Parameters<typeof request>[1]) {
  return endpoints(await fixture.backEnd.register(request(account, changes)));
}

async function freshAccount(changes: Parameters<typeof request>[1] = {}) {
  const account = await fixture.addAccount('target');
  return { account, endpoints: await register(account, changes) };
}

it('names every endpoint with the front end and the flow that lead to it', async () => {
  const { account, endpoints } = await freshAccount({
    changes: [
      contact('phone', { instance: PHONE, regId: 1, q: 700, path: ['<sip:p1;lr>', '<sip:p2;lr>'], transport: 'TCP' }),
      contact('desk'),
    ],
    frontEndId: 3,
    flow: 'flow-7',
    userAgent: 'Softphone/1',
  });
  const both = { frontEndId: 3, flow: 'flow-7', receivedFrom: '192.0.2.1:5060' };
  expect(await ask({ target: account })).toMatchObject({ outcome: 'routed', accountId: account.accountId });
  expect(await routed({ target: account })).toEqual([
    {
      ...both,
      ...{ id: endpoints[0]!.id, uri: 'sip:alice@phone', transport: 'TCP', q: 700 },
      ...{ instance: PHONE, instanceHash: instanceHash(PHONE), path: ['<sip:p1;lr>', '<sip:p2;lr>'] },
      refreshedAt: at(0).getTime() * 1000,
    },
    {
      ...both,
      ...{ id: endpoints[1]!.id, uri: 'sip:alice@desk', transport: 'UDP', instanceHash: '', path: [] },
      refreshedAt: at(0).getTime() * 1000,
    },
  ]);
});

it('names nobody of an account that is not registered, and no endpoint from the second on in which it expires', async () => {
  expect(await routed()).toEqual([]);
  const { account } = await freshAccount();
  expect(await routed({ target: account, now: at(599) })).toHaveLength(1);
  expect(await routed({ target: account, now: at(600) })).toEqual([]);
});

it('knows no other names, and no disabled accounts', async () => {
  expect(await ask({ target: { user: 'nobody', domain: DOMAIN } })).toEqual({ outcome: 'unknown' });
  expect(await ask({ target: { user: bob.user, domain: 'example.net' } })).toEqual({ outcome: 'unknown' });
  const { account } = await freshAccount();
  await fixture.backEnd.setAccountEnabled({ ...account, enabled: false });
  expect(await ask({ target: account })).toEqual({ outcome: 'disabled' });
});

it('answers a batch of all kinds in the order of its requests', async () => {
  const { account } = await freshAccount();
  const outcomes = await Promise.all([
    ask({ target: account }),
    ask({ target: { user: 'nobody', domain: DOMAIN } }),
    ask({ caller: { accountId: alice.accountId, credentialVersion: 9 } }),
    ask({ from: name(bob), checkFrom: true }),
    ask(),
  ]);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual([
    ...['routed', 'unknown', 'credentials_changed', 'not_own_address', 'routed'],
  ]);
});

describe('the caller', () => {
  it('is asked to authenticate again when the password or the state of the account has changed', async () => {
    const carol = await fixture.addAccount('carol');
    const caller = { accountId: carol.accountId, credentialVersion: 1 };
    expect(await ask({ caller })).toMatchObject({ outcome: 'routed' });
    await fixture.backEnd.setPassword({ ...carol, ha1: HA1 });
    expect(await ask({ caller })).toEqual({ outcome: 'credentials_changed' });
    await fixture.backEnd.setAccountEnabled({ ...carol, enabled: false });
    expect(await ask({ caller: { ...caller, credentialVersion: 3 } })).toEqual({ outcome: 'credentials_changed' });
    await fixture.backEnd.removeAccount(carol);
    expect(await ask({ caller: { ...caller, credentialVersion: 3 } })).toEqual({ outcome: 'credentials_changed' });
  });

  it('may be from the address and the aliases of its account, and nobody else', async () => {
    await fixture.backEnd.addAlias({ account: alice, alias: { user: 'sales', domain: DOMAIN } });
    const from = async (from: string) => (await ask({ from, checkFrom: true })).outcome;
    expect(await from(name(alice))).toBe('routed');
    expect(await from(`sales@${DOMAIN}`)).toBe('routed');
    for (const other of [name(bob), `${alice.user}@example.net`, 'sales@example.net', ''])
      expect(await from(other), other).toBe('not_own_address');
  });

  it('of a trusted network needs no account', async () => {
    const { caller: _, ...trusted } = { caller: 0, from: '', checkFrom: false, target: bob, now: at(10) };
    expect(await fixture.backEnd.route(trusted)).toMatchObject({ outcome: 'routed' });
  });
});

describe('an alias', () => {
  it('leads to the endpoints of its account, as long as it has it', async () => {
    const { account, endpoints } = await freshAccount();
    const alias = { user: 'support', domain: DOMAIN };
    await fixture.backEnd.addAlias({ account, alias });
    expect(await routed({ target: alias })).toMatchObject([{ id: endpoints[0]!.id }]);
    await fixture.backEnd.setAccountEnabled({ ...account, enabled: false });
    expect(await ask({ target: alias })).toEqual({ outcome: 'disabled' });
    await fixture.backEnd.removeAlias({ account, alias });
    expect(await ask({ target: alias })).toEqual({ outcome: 'unknown' });
  });
});

describe('a GRUU', () => {
  it('that is public leads to the endpoint of the instance that was refreshed last', async () => {
    const { account } = await freshAccount({ changes: [contact('a', { instance: PHONE })] });
    await register(account, { callId: 'call-2', changes: [contact('b', { instance: PHONE })], now: at(5) });
    await register(account, { callId: 'call-3', changes: [contact('c', { instance: DESK })], now: at(6) });
    expect(await routed({ target: { ...account, instance: PHONE } })).toMatchObject([{ uri: 'sip:alice@b' }]);
    expect(await routed({ target: { ...account, instance: '<urn:uuid:none>' } })).toEqual([]);
  });

  it('that is temporary leads to its endpoint, until a new Call-ID voids it', async () => {
    const { account, endpoints } = await freshAccount({ changes: [contact('a', { instance: PHONE }), contact('b')] });
    const { id: endpointId, incarnation } = endpoints[0]!;
    const target = { accountId: account.accountId, endpointId, incarnation };
    expect(await routed({ target })).toMatchObject([{ id: endpointId }]);
    await register(account, { callId: 'call-2', changes: [contact('a', { instance: PHONE })], now: at(5) });
    expect(await routed({ target })).toEqual([]);
    expect(await ask({ target: { ...target, accountId: 999_999 } })).toEqual({ outcome: 'unknown' });
  });
});

describe('a stale endpoint', () => {
  const mark = (account: TestAccount, endpointId: number, changes: object = {}) =>
    fixture.backEnd.markEndpointStale({
      ...{ accountId: account.accountId, endpointId, frontEndId: 1, flow: 'flow-1', now: at(1), ...changes },
    });

  it('is left out until it registers again, also by its GRUUs', async () => {
    const { account, endpoints } = await freshAccount({ changes: [contact('a', { instance: PHONE }), contact('b')] });
    const { id, incarnation } = endpoints[0]!;
    expect(await mark(account, id)).toBe('marked');
    expect(await mark(account, id)).toBe('unchanged');
    const gruu = { accountId: account.accountId, endpointId: id, incarnation };
    expect(await routed({ target: account })).toMatchObject([{ uri: 'sip:alice@b' }]);
    expect(await routed({ target: { ...account, instance: PHONE } })).toEqual([]);
    expect(await routed({ target: gruu })).toEqual([]);
    await register(account, { cseq: 2, changes: [contact('a', { instance: PHONE })], now: at(5) });
    expect(await routed({ target: account })).toHaveLength(2);
    expect(await routed({ target: gruu })).toHaveLength(1);
  });

  it('is not what has registered elsewhere, or again, since it was not reached', async () => {
    const { account, endpoints } = await freshAccount();
    const id = endpoints[0]!.id;
    const [seen] = await routed({ target: account });
    await register(account, { cseq: 2, now: at(5) });
    expect(await mark(account, id, { refreshedAt: seen!.refreshedAt })).toBe('unchanged');
    for (const elsewhere of [{ frontEndId: 2 }, { flow: 'flow-2' }, { endpointId: id + 1 }, { now: at(700) }])
      expect(await mark(account, id, elsewhere)).toBe('unchanged');
    expect(await routed({ target: account })).toHaveLength(1);
    expect(await mark(account, id, { refreshedAt: at(5).getTime() * 1000 })).toBe('marked');
  });
});

describe('in a dialog', () => {
  const dialog = (account: TestAccount, changes: object) => ({
    ...{ accountId: account.accountId, endpointId: 0, instanceHash: '', uri: '', ...changes },
  });
  const uris = async (target: RouteRequest['target']) => (await routed({ target })).map(({ uri }) => uri);

  it('the endpoint is found by id, else by instance, else by URI, else as the only one without an instance', async () => {
    const { account, endpoints } = await freshAccount({ changes: [contact('a', { instance: PHONE }), contact('b')] });
    const id = endpoints[0]!.id;
    expect(await uris(dialog(account, { endpointId: id, uri: 'sip:alice@b' }))).toEqual(['sip:alice@a']);
    expect(await uris(dialog(account, { endpointId: 1, instanceHash: instanceHash(PHONE) }))).toEqual(['sip:alice@a']);
    expect(await uris(dialog(account, { instanceHash: instanceHash(DESK), uri: 'sip:alice@b' }))).toEqual([
      'sip:alice@b',
    ]);
    expect(await uris(dialog(account, { uri: 'sip:alice@elsewhere' }))).toEqual(['sip:alice@b']);
    expect(await uris(dialog(account, { instanceHash: instanceHash(DESK), uri: 'sip:alice@elsewhere' }))).toEqual([]);
    await register(account, { callId: 'call-2', changes: [contact('c')], now: at(1) });
    expect(await uris(dialog(account, { uri: 'sip:alice@elsewhere' }))).toEqual([]);
  });

  it('a client that lost its flow and came back through another front end is found there', async () => {
    const { account, endpoints } = await freshAccount({ changes: [contact('a')] });
    const target = dialog(account, { endpointId: endpoints[0]!.id, uri: 'sip:alice@a' });
    const stale = { accountId: account.accountId, endpointId: endpoints[0]!.id, frontEndId: 1, flow: 'flow-1' };
    await fixture.backEnd.markEndpointStale({ ...stale, now: at(1) });
    // Better an endpoint that was not reached than none.
    expect(await uris(target)).toEqual(['sip:alice@a']);
    await register(account, { callId: 'call-2', frontEndId: 2, changes: [contact('other')], now: at(2) });
    expect(await routed({ target })).toMatchObject([{ uri: 'sip:alice@other', frontEndId: 2 }]);
  });

  it('neither the caller nor access rules are asked, but the account must be', async () => {
    const { account } = await freshAccount();
    await fixture.backEnd.setAccessRule({ account, subject: { scope: 'everyone' }, communication: 'deny' });
    const target = dialog(account, { uri: 'sip:alice@phone' });
    const caller = { accountId: alice.accountId, credentialVersion: 99 };
    expect(await ask({ target, caller, checkFrom: true, from: 'x@y' })).toMatchObject({ outcome: 'routed' });
    expect(await ask({ target: dialog({ ...account, accountId: 999_999 }, {}) })).toEqual({ outcome: 'unknown' });
    await fixture.backEnd.setAccountEnabled({ ...account, enabled: false });
    expect(await ask({ target })).toEqual({ outcome: 'disabled' });
  });
});
