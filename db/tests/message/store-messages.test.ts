import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidValueError } from '../../../packages/back-end/src/index.ts';
import { at, contact, type Fixture, openFixture, request } from '../fixture.ts';
import { bodies, message, store } from './fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const waiting = async (accountId: number, now = at(1), instance?: string) =>
  fixture.backEnd.findMessages({ accountId, limit: 100, now, ...(instance && { instance }) });

it('keeps a message as it came, until the second in which it expires', async () => {
  const { accountId } = await fixture.addAccount();
  const body = Buffer.from([0, 255, 10, 13]);
  const headers: [string, string][] = [
    ['Subject', 'lunch "now" – ü'],
    ['Date', 'Sun, 22 Nov 2026 12:00:00 GMT'],
  ];
  const id = await store(fixture.backEnd, accountId, 'a', { body, headers, contentType: 'message/cpim' });
  const found = await waiting(accountId, at(3599));
  expect(found).toEqual([
    {
      ...{ id, from: 'sip:alice@example.org', to: 'sip:bob@example.org', callId: 'call-a', headers, body },
      ...{ contentType: 'message/cpim', storedAt: at(0), expiresAt: at(3600), inDelivery: false },
    },
  ]);
  expect(await waiting(accountId, at(3600))).toEqual([]);
});

it('knows nobody who does not exist or is disabled', async () => {
  const account = await fixture.addAccount();
  await fixture.backEnd.setAccountEnabled({ ...account, enabled: false });
  for (const accountId of [account.accountId, 999_999])
    expect(await fixture.backEnd.storeMessage(message(accountId, 'a'))).toEqual({ outcome: 'unknown' });
});

it('refuses what no database can store, and not what comes with it', async () => {
  const { accountId } = await fixture.addAccount();
  const bad = fixture.backEnd.storeMessage(message(accountId, 'bad', { headers: [['Subject', '\0']] }));
  const good = fixture.backEnd.storeMessage(message(accountId, 'good'));
  await expect(bad).rejects.toThrow(InvalidValueError);
  expect(await good).toMatchObject({ outcome: 'stored' });
});

describe('the quota', () => {
  it('is of messages and of bytes, and counts what has gone no more', async () => {
    const { accountId } = await fixture.addAccount();
    const outcome = async (text: string, changes: object) =>
      (await fixture.backEnd.storeMessage(message(accountId, text, changes))).outcome;
    // Headers count two bytes: [].
    expect(await outcome('12345678', { maximumBytes: 10 })).toBe('stored');
    expect(await outcome('1', { maximumBytes: 12 })).toBe('quota_exceeded');
    expect(await outcome('1', { maximumBytes: 13 })).toBe('stored');
    expect(await outcome('2', { maximumMessages: 2 })).toBe('quota_exceeded');
    const [first] = await waiting(accountId);
    await fixture.backEnd.messageDelivered({ accountId, messageId: first!.id });
    expect(await outcome('2', { maximumMessages: 2, maximumBytes: 6 })).toBe('stored');
  });

  it('does not count what has expired', async () => {
    const { accountId } = await fixture.addAccount();
    await store(fixture.backEnd, accountId, 'short', { expiresIn: 60, maximumMessages: 1 });
    const next = (seconds: number) =>
      fixture.backEnd.storeMessage(message(accountId, 'next', { maximumMessages: 1, now: at(seconds) }));
    expect(await next(59)).toEqual({ outcome: 'quota_exceeded' });
    expect(await next(60)).toMatchObject({ outcome: 'stored' });
    expect(bodies(await waiting(accountId, at(61)))).toEqual(['next']);
  });

  it('holds when two front ends store at once', async () => {
    const { accountId } = await fixture.addAccount();
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 ? fixture.backEnd : fixture.otherBackEnd).storeMessage(
          message(accountId, String(index), { maximumMessages: 15 }),
        ),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'stored')).toHaveLength(15);
    expect(await waiting(accountId)).toHaveLength(15);
  });
});

it('stores a request that comes twice, through two front ends at once, once', async () => {
  const { accountId } = await fixture.addAccount();
  const twice = message(accountId, 'a', { cseq: 1, maximumMessages: 1 });
  const outcomes = await Promise.all([fixture.backEnd.storeMessage(twice), fixture.otherBackEnd.storeMessage(twice)]);
  expect(outcomes[0]).toMatchObject({ outcome: 'stored' });
  expect(outcomes[1]).toEqual(outcomes[0]);
  expect(await waiting(accountId)).toHaveLength(1);
  await store(fixture.backEnd, accountId, 'a', { cseq: 2 });
  await store(fixture.backEnd, accountId, 'a');
  await store(fixture.backEnd, accountId, 'a');
  expect(await waiting(accountId)).toHaveLength(4);
});

it('keeps the order of one sender, and stores batches of accounts in opposite orders without a deadlock', async () => {
  const accounts = await Promise.all(Array.from({ length: 20 }, () => fixture.addAccount()));
  const send = (backEnd: Fixture['backEnd'], side: string, order: typeof accounts) =>
    [1, 2, 3, 4, 5].flatMap((n) => order.map(({ accountId }) => store(backEnd, accountId, `${side}${n}`)));
  await Promise.all([
    ...send(fixture.backEnd, 'a', accounts),
    ...send(fixture.otherBackEnd, 'b', accounts.toReversed()),
  ]);
  for (const { accountId } of accounts) {
    const texts = bodies(await waiting(accountId));
    expect(texts.filter((text) => text.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
    expect(texts.filter((text) => text.startsWith('b'))).toEqual(['b1', 'b2', 'b3', 'b4', 'b5']);
  }
});

describe('a registration', () => {
  it('says whether messages wait', async () => {
    const account = await fixture.addAccount();
    const register = (cseq: number) => fixture.backEnd.register(request(account, { cseq }));
    expect(await register(1)).toMatchObject({ messagesWaiting: false });
    const messageId = await store(fixture.backEnd, account.accountId, 'a');
    expect(await register(2)).toMatchObject({ messagesWaiting: true });
    await fixture.backEnd.messageDelivered({ accountId: account.accountId, messageId });
    expect(await register(3)).toMatchObject({ messagesWaiting: false });
  });

  it('and a message that come at once never miss each other', async () => {
    for (let round = 0; round < 40; round++) {
      const account = await fixture.addAccount();
      const [stored, registered] = await Promise.all([
        fixture.backEnd.storeMessage(message(account.accountId, 'a')),
        fixture.otherBackEnd.register(request(account)),
      ]);
      if (stored.outcome !== 'stored' || registered.outcome !== 'registered') throw new Error(stored.outcome);
      expect(stored.endpoints.length === 1 || registered.messagesWaiting).toBe(true);
    }
  });
});

it('answers which endpoints may be reached now', async () => {
  const account = await fixture.addAccount();
  const { accountId } = account;
  const registered = await fixture.backEnd.register(
    request(account, { changes: [contact('a', { transport: 'TCP', instance: '<urn:a>' }), contact('b')] }),
  );
  if (registered.outcome !== 'registered') throw new Error(registered.outcome);
  const [a, b] = registered.endpoints.toSorted((one, other) => one.id - other.id);
  await fixture.backEnd.markEndpointStale({ accountId, endpointId: b!.id, frontEndId: 1, flow: 'flow-1', now: at(0) });
  expect(await fixture.backEnd.storeMessage(message(accountId, 'x'))).toMatchObject({
    endpoints: [{ id: a!.id, frontEndId: 1, flow: 'flow-1', instance: '<urn:a>', transport: 'TCP' }],
  });
});

it('goes with its account, whatever happens at once', async () => {
  for (let round = 0; round < 10; round++) {
    const account = await fixture.addAccount();
    await Promise.all([
      fixture.backEnd.storeMessage(message(account.accountId, 'a')),
      fixture.otherBackEnd.removeAccount(account),
    ]);
  }
  const [left] = await fixture.database.query<{ count: string }>(`
    select count(*) from (select account_id from data.message union all select account_id from data.message_queue) as m
    where account_id not in (select id from data.account)`);
  expect(Number(left!.count)).toBe(0);
});

it('is removed some time after it has expired, a few at a time', async () => {
  const { accountId } = await fixture.addAccount();
  for (const text of ['a', 'b', 'c']) await store(fixture.backEnd, accountId, text, { expiresIn: 10 });
  await store(fixture.backEnd, accountId, 'd', { expiresIn: 20 });
  const remove = (seconds: number) => fixture.backEnd.removeExpiredMessages({ limit: 2, now: at(seconds) });
  expect(await remove(9)).toEqual({ removed: 0, more: false, changed: [] });
  expect(await remove(10)).toEqual({ removed: 2, more: true, changed: [] });
  expect(await remove(10)).toEqual({ removed: 1, more: false, changed: [] });
  const queue = () =>
    fixture.database.query(`select messages, bytes from data.message_queue where account_id = ${accountId}`);
  expect(await queue()).toEqual([{ messages: 1, bytes: '3' }]);
  expect(await remove(20)).toEqual({ removed: 1, more: false, changed: [] });
  expect(await queue()).toEqual([]);
});
