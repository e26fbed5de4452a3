import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, contact, type Fixture, openFixture, request, uris } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const query = { changes: [] };

describe('the most endpoints of an account', () => {
  const phone = (index: number) =>
    request(alice, {
      callId: `call-${index}`,
      flow: `flow-${index}`,
      changes: [contact(`phone-${index}`)],
      maximumEndpoints: 3,
      now: at(index),
    });
  let alice: { accountId: number };

  it('lets the last permitted one in without another leaving, and then the one refreshed longest ago leaves', async () => {
    alice = await fixture.addAccount('alice');
    for (const index of [1, 2]) await fixture.backEnd.register(phone(index));
    expect(await fixture.backEnd.register(phone(3))).toMatchObject({ removed: [], endpoints: { length: 3 } });
    await fixture.backEnd.register({ ...phone(1), cseq: 2, now: at(4) });
    const outcome = await fixture.backEnd.register({ ...phone(5), now: at(5) });
    expect(outcome).toMatchObject({ removed: [{ uri: 'sip:alice@phone-2', frontEndId: 1, flow: 'flow-2' }] });
    expect(uris(outcome)).toEqual(['sip:alice@phone-1', 'sip:alice@phone-3', 'sip:alice@phone-5']);
  });

  it('does not count those that have expired', async () => {
    alice = await fixture.addAccount('alice');
    for (const index of [1, 2, 3]) await fixture.backEnd.register(phone(index));
    const outcome = await fixture.backEnd.register({ ...phone(4), now: at(602) });
    expect(outcome).toMatchObject({ removed: [] });
    expect(uris(outcome)).toEqual(['sip:alice@phone-3', 'sip:alice@phone-4']);
  });

  it('keeps what the request itself brings, also when all are of one instant', async () => {
    alice = await fixture.addAccount('alice');
    for (const index of [1, 2, 3]) await fixture.backEnd.register({ ...phone(index), now: at(0) });
    const changes = [contact('new-1'), contact('new-2'), contact('new-3')];
    const outcome = await fixture.backEnd.register({ ...phone(4), changes, now: at(0) });
    expect(uris(outcome)).toEqual(['sip:alice@new-1', 'sip:alice@new-2', 'sip:alice@new-3']);
  });

  it('removes the one that several new ones of a request leave no room for', async () => {
    alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(phone(1));
    const changes = [contact('new-1'), contact('new-2'), contact('new-3')];
    const outcome = await fixture.backEnd.register({ ...phone(2), changes });
    expect(outcome).toMatchObject({ removed: [{ uri: 'sip:alice@phone-1' }], endpoints: { length: 3 } });
  });

  it('refuses a request that alone brings more, and changes nothing', async () => {
    alice = await fixture.addAccount('alice');
    const changes = ['1', '2', '3', '4'].map((host) => contact(host));
    expect(await fixture.backEnd.register({ ...phone(1), changes })).toEqual({ outcome: 'too_many_contacts' });
    expect(uris(await fixture.backEnd.register(request(alice, query)))).toEqual([]);
    const three = [...changes.slice(0, 3), contact('4', { expires: 0 })];
    expect((await fixture.backEnd.register({ ...phone(1), changes: three })).outcome).toBe('registered');
  });
});
