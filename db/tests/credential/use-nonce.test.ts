import { afterAll, beforeAll, expect, it } from 'vitest';
import { contact, type Fixture, openFixture, request, type TestAccount, uris } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const use = (account: TestAccount, id: number, count: number) =>
  fixture.backEnd.useNonce({ accountId: account.accountId, credentialVersion: 1, nonce: { id: BigInt(id), count } });

it('takes each count of a nonce once, and none below the highest', async () => {
  const alice = await fixture.addAccount('alice');
  expect(await use(alice, 100, 1)).toBe('accepted');
  expect(await use(alice, 100, 1)).toBe('nonce_replayed');
  expect(await use(alice, 100, 3)).toBe('accepted');
  expect(await use(alice, 100, 2)).toBe('nonce_replayed');
  expect(await use(alice, 100, 0xffff_ffff)).toBe('accepted');
});

it('keeps nonces apart, whatever order they come in', async () => {
  const alice = await fixture.addAccount('alice');
  for (const id of [50, 30, 70, 10, 60]) expect(await use(alice, id, 5)).toBe('accepted');
  for (const id of [10, 30, 50, 60, 70]) expect(await use(alice, id, 5)).toBe('nonce_replayed');
  for (const id of [70, 10, 50, 30, 60]) expect(await use(alice, id, 6)).toBe('accepted');
});

it('remembers the last eight nonces and holds all before the ninth for spent', async () => {
  const alice = await fixture.addAccount('alice');
  for (const id of [1, 2, 3, 4, 5, 6, 7, 8]) await use(alice, id, 1);
  expect(await use(alice, 1, 2)).toBe('accepted');
  expect(await use(alice, 9, 1)).toBe('accepted');
  expect(await use(alice, 1, 3)).toBe('nonce_replayed');
  expect(await use(alice, 2, 2)).toBe('accepted');
  expect(await use(alice, 2, 2)).toBe('nonce_replayed');
});

it('lets an older nonce in once while it is above the floor, even when eight are known', async () => {
  const alice = await fixture.addAccount('alice');
  for (const id of [10, 20, 30, 40, 50, 60, 70, 80]) await use(alice, id, 1);
  expect(await use(alice, 5, 1)).toBe('accepted');
  expect(await use(alice, 5, 2)).toBe('nonce_replayed');
  expect(await use(alice, 10, 2)).toBe('accepted');
});

it('agrees with a plain model over many random uses', async () => {
  const alice = await fixture.addAccount('alice');
  const known = new Map<number, number>();
  let floor = 0;
  for (let round = 0; round < 300; round++) {
    const id = Math.max(1, Math.floor(round / 4) + Math.floor(Math.random() * 20) - 10);
    const count = 1 + Math.floor(Math.random() * 3);
    const fresh = id > floor && count > (known.get(id) ?? 0);
    expect(await use(alice, id, count), `round ${round}`).toBe(fresh ? 'accepted' : 'nonce_replayed');
    if (!fresh) continue;
    known.set(id, count);
    if (known.size > 8) {
      floor = Math.min(...known.keys());
      known.delete(floor);
    }
  }
});

it('does not use a nonce with credentials that no longer hold', async () => {
  const alice = await fixture.addAccount('alice');
  const nonce = { id: 100n, count: 1 };
  const stale = { accountId: alice.accountId, credentialVersion: 0, nonce };
  expect(await fixture.backEnd.useNonce(stale)).toBe('credentials_changed');
  await fixture.backEnd.setAccountEnabled({ ...alice, enabled: false });
  expect(await fixture.backEnd.useNonce({ ...stale, credentialVersion: 2 })).toBe('account_disabled');
  await fixture.backEnd.setAccountEnabled({ ...alice, enabled: true });
  expect(await fixture.backEnd.useNonce({ ...stale, credentialVersion: 3 })).toBe('accepted');
  expect(await fixture.backEnd.useNonce({ ...stale, accountId: 999_999 })).toBe('credentials_changed');
});

it('uses the nonce of a registration in its transaction, also when the registration is refused', async () => {
  const alice = await fixture.addAccount('alice');
  const nonce = { id: 100n, count: 1 };
  expect(uris(await fixture.backEnd.register(request(alice, { nonce })))).toEqual(['sip:alice@phone']);
  expect(await fixture.backEnd.register(request(alice, { nonce, cseq: 2 }))).toEqual({ outcome: 'nonce_replayed' });
  expect(await fixture.backEnd.register(request(alice, { nonce: { id: 100n, count: 2 } }))).toEqual({
    outcome: 'out_of_order',
  });
  const two = { maximumEndpoints: 1, changes: [contact('a'), contact('b')] };
  const tooMany = request(alice, { ...two, nonce: { id: 100n, count: 3 } });
  expect(await fixture.backEnd.register(tooMany)).toEqual({ outcome: 'too_many_contacts' });
  expect(await use(alice, 100, 3)).toBe('nonce_replayed');
});

it('lets exactly one of two front ends use a nonce count', async () => {
  const alice = await fixture.addAccount('alice');
  for (let id = 1; id <= 30; id++) {
    const nonce = { id: BigInt(id), count: 1 };
    const [one, other] = await Promise.all([
      fixture.backEnd.register(request(alice, { nonce, callId: `a-${id}` })),
      fixture.otherBackEnd.register(request(alice, { nonce, callId: `b-${id}` })),
    ]);
    expect([one.outcome, other.outcome].sort()).toEqual(['nonce_replayed', 'registered']);
  }
});
