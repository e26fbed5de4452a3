import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, contact, endpoints, type Fixture, openFixture, request, uris } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const query = { changes: [] };

describe('add, refresh, remove and query (RFC 3261 §10.3)', () => {
  it('lists what was registered, with all it was registered with', async () => {
    const alice = await fixture.addAccount('alice');
    const change = contact('phone', {
      q: 700,
      instance: '<urn:uuid:1>',
      regId: 1,
      parameters: ';q=0.7;+sip.instance="<urn:uuid:1>"',
    });
    const [endpoint] = endpoints(await fixture.backEnd.register(request(alice, { changes: [change] })));
    expect(endpoint).toEqual({
      id: expect.any(Number),
      incarnation: expect.any(Number),
      uri: 'sip:alice@phone',
      expiresIn: 600,
      q: 700,
      instance: '<urn:uuid:1>',
      regId: 1,
      parameters: ';q=0.7;+sip.instance="<urn:uuid:1>"',
    });
  });

  it('keeps the endpoint when it is refreshed, and counts its time anew', async () => {
    const alice = await fixture.addAccount('alice');
    const [first] = endpoints(await fixture.backEnd.register(request(alice)));
    const [refreshed] = endpoints(await fixture.backEnd.register(request(alice, { cseq: 2, now: at(300) })));
    expect(refreshed).toEqual(first);
    expect(endpoints(await fixture.backEnd.register(request(alice, { ...query, now: at(400) })))[0]?.expiresIn).toBe(
      500,
    );
  });

  it('takes what a refresh says of flow, path and address', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice));
    const path = ['<sip:edge-1.example.org;lr>', '<sip:edge-2.example.org;lr;x="a,b">'];
    const moved = { cseq: 2, flow: 'flow-2', frontEndId: 7, receivedFrom: '192.0.2.9:1', userAgent: 'baresip' };
    await fixture.backEnd.register(
      request(alice, { ...moved, changes: [contact('phone', { path, transport: 'TCP' })] }),
    );
    const [listed] = await fixture.backEnd.listEndpoints({ user: alice.user, domain: alice.domain, now: at(0) });
    expect(listed).toMatchObject({ ...moved, path, transport: 'TCP', user: alice.user, callId: 'call-1' });
  });

  it('removes one contact and leaves the others', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice, { changes: [contact('phone'), contact('desk')] }));
    const outcome = await fixture.backEnd.register(
      request(alice, { cseq: 2, changes: [contact('phone', { expires: 0 })] }),
    );
    expect(uris(outcome)).toEqual(['sip:alice@desk']);
    expect(outcome).toMatchObject({
      removed: [{ uri: 'sip:alice@phone', reason: 'deleted', frontEndId: 1, flow: 'flow-1' }],
    });
  });

  it('adds one contact and removes another in one request', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice));
    const changes = [contact('phone', { expires: 0 }), contact('desk')];
    expect(uris(await fixture.backEnd.register(request(alice, { cseq: 2, changes })))).toEqual(['sip:alice@desk']);
  });

  it('removes all with "Contact: *", whatever Call-ID set them', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice));
    await fixture.backEnd.register(request(alice, { callId: 'call-2', changes: [contact('desk')] }));
    const star = { removeAll: true, changes: [], callId: 'call-3' };
    const outcome = await fixture.backEnd.register(request(alice, star));
    expect(uris(outcome)).toEqual([]);
    expect(outcome).toMatchObject({ removed: [{ reason: 'deleted' }, { reason: 'deleted' }] });
  });

  it('changes nothing for a query, nor for removing what is not there', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice));
    const removal = { callId: 'call-2', changes: [contact('nowhere', { expires: 0 })] };
    expect(uris(await fixture.backEnd.register(request(alice, removal)))).toEqual(['sip:alice@phone']);
    expect(uris(await fixture.backEnd.register(request(alice, { ...query, cseq: 0 })))).toEqual(['sip:alice@phone']);
  });

  it('takes the last when a request names a contact twice', async () => {
    const alice = await fixture.addAccount('alice');
    const changes = [contact('phone', { expires: 60 }), contact('phone', { expires: 120 })];
    const [endpoint] = endpoints(await fixture.backEnd.register(request(alice, { changes })));
    expect(endpoint?.expiresIn).toBe(120);
  });

  it('stores a contact whose URI is longer than an index entry may be', async () => {
    const alice = await fixture.addAccount('alice');
    const long = contact(`phone;x=${'y'.repeat(8_000)}`);
    await fixture.backEnd.register(request(alice, { changes: [long] }));
    expect(uris(await fixture.backEnd.register(request(alice, { cseq: 2, changes: [long] })))).toEqual([long.uri]);
  });
});

describe('expiry', () => {
  it('is exact at the second, though no reaper runs', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice));
    const before = await fixture.backEnd.register(request(alice, { ...query, now: at(599.999) }));
    expect(endpoints(before)[0]?.expiresIn).toBe(1);
    expect(uris(await fixture.backEnd.register(request(alice, { ...query, now: at(600) })))).toEqual([]);
  });

  it('makes a contact that comes back after it a new endpoint', async () => {
    const alice = await fixture.addAccount('alice');
    const [first] = endpoints(await fixture.backEnd.register(request(alice)));
    const [second] = endpoints(await fixture.backEnd.register(request(alice, { cseq: 2, now: at(600) })));
    expect(second!.id).toBeGreaterThan(first!.id);
    expect(second!.incarnation).toBeGreaterThan(first!.incarnation);
  });
});

describe('a batch', () => {
  it('gives each request its own outcome', async () => {
    const [alice, bob, carol, dave] = await Promise.all(
      ['alice', 'bob', 'carol', 'dave'].map((name) => fixture.addAccount(name)),
    );
    await fixture.backEnd.register(request(bob!, { cseq: 9 }));
    await fixture.backEnd.setAccountEnabled({ ...dave!, enabled: false });
    const outcomes = await Promise.all([
      fixture.backEnd.register(request(alice!)),
      fixture.backEnd.register(request(bob!, { cseq: 9 })),
      fixture.backEnd.register(request(carol!, { account: { ...carol!, credentialVersion: 2 } })),
      fixture.backEnd.register(request(dave!, { account: { ...dave!, credentialVersion: 2 } })),
      fixture.backEnd.register(request({ accountId: 999_999 })),
      fixture.backEnd.register(request(carol!, { changes: [contact('a'), contact('b')], maximumEndpoints: 1 })),
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      'registered',
      'out_of_order',
      'credentials_changed',
      'account_disabled',
      'credentials_changed',
      'too_many_contacts',
    ]);
  });

  it('serves many accounts with different numbers of endpoints', async () => {
    const accounts = await Promise.all(Array.from({ length: 30 }, () => fixture.addAccount()));
    const outcomes = await Promise.all(
      accounts.map((account, index) => {
        const changes = Array.from({ length: index % 4 }, (_, phone) => contact(`${index}-${phone}`));
        return fixture.backEnd.register(request(account, { changes }));
      }),
    );
    for (const [index, outcome] of outcomes.entries()) {
      expect(uris(outcome)).toEqual(Array.from({ length: index % 4 }, (_, phone) => `sip:alice@${index}-${phone}`));
    }
  });
});
