import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, contact, type Fixture, NOON, openFixture, request, type TestAccount } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

interface Client extends TestAccount {
  sessionId: string;
  credentialVersion: number;
}

async function addClient(): Promise<Client> {
  const account = await fixture.addAccount();
  const session = { ...account, credentialVersion: 1, sessionId: randomUUID() };
  const hashes = { familyHash: Buffer.alloc(32, 1), secretHash: Buffer.alloc(32, 2) };
  await fixture.backEnd.openSession({ ...session, ...hashes, lifetime: 86_400, maximum: 8, now: NOON });
  return session;
}

const put = (client: Client, instance: string, now: Date, expires = 600, maximumEndpoints = 8) => {
  const uri = `sip:${client.user}@example.org;transport=http;instance=${instance}`;
  const place = { frontEndId: 1, receivedFrom: '192.0.2.1:40000', userAgent: 'test' };
  return fixture.backEnd.registerInSession({
    ...client,
    ...place,
    instance,
    key: uri,
    uri,
    expires,
    maximumEndpoints,
    now,
  });
};

async function events(client: Client, instance: string, now: Date, after?: number) {
  const [found] = await fixture.backEnd.findEndpointEvents([
    { ...client, instance, now, ...(after !== undefined && { after }) },
  ]);
  return { ...found!, events: found!.events.map(({ event, reason }) => (reason ? `${event} ${reason}` : event)) };
}

describe('register_in_session', () => {
  it('registers, refreshes and removes an endpoint that is listed like any other', async () => {
    const alice = await addClient();
    const first = await put(alice, 'web', NOON);
    expect(first).toMatchObject({
      outcome: 'registered',
      endpoints: [{ expiresIn: 600, instance: 'web', isNew: true }],
      removed: [],
    });
    const again = await put(alice, 'web', at(60));
    expect(again).toMatchObject({
      endpoints: [{ id: first.outcome === 'registered' && first.endpoints[0]!.id, isNew: false }],
    });
    const listed = await fixture.backEnd.listEndpoints({ user: alice.user, domain: alice.domain, now: at(60) });
    expect(listed).toMatchObject([{ transport: 'HTTP', instance: 'web', cseq: 2, expiresAt: at(660) }]);
    const left = { outcome: 'registered', endpoints: [], removed: [], messagesWaiting: false, notificationsDue: false };
    expect(await put(alice, 'web', at(61), 0)).toEqual(left);
    expect(await put(alice, 'web', at(62), 0)).toEqual({ outcome: 'endpoint_unknown' });
  });

  it('goes on in another session of the account', async () => {
    const alice = await addClient();
    await put(alice, 'web', NOON);
    const other = { ...alice, sessionId: randomUUID() };
    expect(await put(other, 'web', at(1))).toEqual({ outcome: 'session_closed' });
    const hashes = { familyHash: Buffer.alloc(32, 1), secretHash: Buffer.alloc(32, 2) };
    await fixture.backEnd.openSession({ ...other, ...hashes, lifetime: 86_400, maximum: 8, now: NOON });
    expect((await put(other, 'web', at(1))).outcome).toBe('registered');
  });

  it('counts with the SIP endpoints: the oldest leaves, whichever it is', async () => {
    const alice = await addClient();
    await put(alice, 'web', NOON, 600, 2);
    await fixture.backEnd.register(request(alice, { changes: [contact('desk')], maximumEndpoints: 2, now: at(1) }));
    const third = await put(alice, 'tablet', at(2), 600, 2);
    expect(third).toMatchObject({ outcome: 'registered', removed: [{ instance: 'web' }] });
    const fourth = await put(alice, 'web', at(3), 600, 2);
    expect(fourth).toMatchObject({ removed: [{ instance: null, flow: 'flow-1', reason: 'quota' }] });
  });

  it('writes nothing for a session that was closed, or a password that changed', async () => {
    const alice = await addClient();
    expect(await put({ ...alice, credentialVersion: 2 }, 'web', NOON)).toEqual({ outcome: 'session_closed' });
    await fixture.backEnd.closeSession(alice);
    expect(await put(alice, 'web', NOON)).toEqual({ outcome: 'session_closed' });
    expect(await fixture.backEnd.listEndpoints({ user: alice.user, domain: alice.domain, now: NOON })).toEqual([]);
  });
});

describe('an HTTP endpoint is told', () => {
  it('that it is registered, once; and that it was removed by its own request', async () => {
    const alice = await addClient();
    await put(alice, 'web', NOON);
    await put(alice, 'web', at(1));
    expect(await events(alice, 'web', at(1))).toMatchObject({ events: ['registered'], state: 'caught_up' });
    const { after } = await events(alice, 'web', at(1));
    await put(alice, 'web', at(2), 0);
    expect(await events(alice, 'web', at(2), after)).toMatchObject({ events: ['removed deleted'], state: 'caught_up' });
  });

  it('that it had to leave: quota, also for a SIP phone', async () => {
    const alice = await addClient();
    await put(alice, 'web', NOON);
    const { after } = await events(alice, 'web', NOON);
    await fixture.backEnd.register(request(alice, { maximumEndpoints: 1, now: at(1) }));
    expect((await events(alice, 'web', at(1), after)).events).toEqual(['removed quota']);
  });

  it('that a phone of the account removed all bindings', async () => {
    const alice = await addClient();
    await put(alice, 'web', NOON);
    const { after } = await events(alice, 'web', NOON);
    await fixture.backEnd.register(request(alice, { changes: [], removeAll: true, now: at(1) }));
    expect((await events(alice, 'web', at(1), after)).events).toEqual(['removed deleted']);
  });

  it('that its time has passed', async () => {
    const alice = await addClient();
    await put(alice, 'web', NOON, 60);
    const { after } = await events(alice, 'web', NOON);
    await fixture.backEnd.removeExpiredEndpoints({ now: at(60) });
    expect((await events(alice, 'web', at(60), after)).events).toEqual(['removed expired']);
  });

  it('that the account was disabled or removed; and that the session is over', async () => {
    for (const [reason, what] of [
      ['disabled', (client: Client) => fixture.backEnd.setAccountEnabled({ ...client, enabled: false })],
      ['deleted', (client: Client) => fixture.backEnd.removeAccount(client)],
    ] as const) {
      const alice = await addClient();
      await put(alice, 'web', NOON);
      const { after } = await events(alice, 'web', NOON);
      expect(await what(alice)).toMatchObject({ removed: [{ instance: 'web', reason }] });
      const told = await events(alice, 'web', at(1), after);
      expect(told).toMatchObject({ events: [`removed ${reason}`], state: 'session_closed' });
    }
  });

  it('nothing of another instance, of another account, or of a SIP endpoint', async () => {
    const [alice, bob] = [await addClient(), await addClient()];
    for (const client of [alice, bob]) await put(client, 'web', NOON);
    const { after } = await events(alice, 'web', NOON);
    await put(alice, 'tablet', at(1));
    await put(bob, 'web', at(1), 0);
    const phone = { changes: [contact('desk', { instance: 'web' })] };
    await fixture.backEnd.register(request(alice, { ...phone, now: at(1) }));
    await fixture.backEnd.register(
      request(alice, { changes: [{ ...phone.changes[0]!, expires: 0 }], cseq: 2, now: at(2) }),
    );
    expect((await events(alice, 'web', at(2), after)).events).toEqual([]);
  });
});

describe('find_endpoint_events', () => {
  it('begins with the present registration, and knows no other endpoint', async () => {
    const alice = await addClient();
    await put(alice, 'web', NOON);
    await put(alice, 'web', at(1), 0);
    await put(alice, 'web', at(2));
    expect((await events(alice, 'web', at(2))).events).toEqual(['registered']);
    expect(await events(alice, 'phone', at(2))).toEqual({ events: [], after: undefined, state: 'endpoint_unknown' });
  });

  it('answers many streams at once, each from where it is', async () => {
    const [alice, bob] = [await addClient(), await addClient()];
    for (const client of [alice, bob]) await put(client, 'web', NOON);
    const [one, two, three] = await fixture.backEnd.findEndpointEvents([
      { ...alice, instance: 'web', now: NOON },
      { ...bob, instance: 'none' },
      { ...bob, instance: 'web', after: 0 },
    ]);
    expect([one!.events.length, two!.state, three!.events.length]).toEqual([1, 'endpoint_unknown', 1]);
    expect(one!.after).toBe(one!.events[0]!.id);
  });

  it('keeps the newest 100 events of an endpoint, and those of the last hour', async () => {
    const alice = await addClient();
    for (let second = 0; second < 120; second += 2) {
      await put(alice, 'web', at(second));
      await put(alice, 'web', at(second + 1), 0);
    }
    await put(alice, 'web', at(200));
    expect((await events(alice, 'web', at(200), 0)).events).toHaveLength(100);
    await fixture.backEnd.removeExpiredSessions({ now: at(3799) });
    expect((await events(alice, 'web', at(3800), 0)).events).toHaveLength(1);
    await fixture.backEnd.removeExpiredSessions({ now: at(3800) });
    expect((await events(alice, 'web', at(3800), 0)).events).toEqual([]);
  });
});
