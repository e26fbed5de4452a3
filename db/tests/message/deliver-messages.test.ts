import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TakeMessagesRequest } from '../../../packages/back-end/src/index.ts';
import { at, type Fixture, openFixture, request, type TestAccount } from '../fixture.ts';
import { bodies, store } from './fixture.ts';

let fixture: Fixture;
let account: TestAccount;
let accountId: number;
let frontEndId: number;
beforeAll(async () => {
  fixture = await openFixture();
});
beforeEach(async () => {
  account = await fixture.addAccount();
  accountId = account.accountId;
  frontEndId = await fixture.backEnd.joinFrontEnd({ processId: 1, addresses: {}, lease: 3600, now: at(0) });
});
afterAll(() => fixture.close());

const storeAll = async (...texts: string[]) => {
  for (const text of texts) await store(fixture.backEnd, accountId, text);
};
const take = (changes: Partial<TakeMessagesRequest> = {}, backEnd = fixture.backEnd) =>
  backEnd.takeMessages({ accountId, frontEndId, endpointId: 1, limit: 10, now: at(1), ...changes });
const taken = async (changes: Partial<TakeMessagesRequest> = {}) => {
  const outcome = await take(changes);
  if (outcome.outcome !== 'taken') throw new Error(outcome.outcome);
  return outcome;
};
const delivered = async (messageId: number, changes: { instance?: string; claim?: number; now?: Date } = {}) =>
  (await fixture.backEnd.messageDelivered({ accountId, messageId, now: at(1), ...changes })).outcome;

it('takes what waits in order, page by page, until all of it is delivered', async () => {
  expect(await take()).toEqual({ outcome: 'none' });
  await storeAll('a', 'b', 'c');
  const first = await taken({ limit: 2 });
  expect(bodies(first.messages)).toEqual(['a', 'b']);
  for (const { id } of first.messages) expect(await delivered(id)).toBe('removed');
  const { claim } = first;
  const second = await taken({ limit: 2, claim, after: first.messages.at(-1)!.id });
  expect(second.claim).toBe(claim);
  expect(bodies(second.messages)).toEqual(['c']);
  await delivered(second.messages[0]!.id);
  expect(await take({ claim, after: second.messages[0]!.id })).toEqual({ outcome: 'none' });
});

it('a message that an endpoint does not take stays behind, and does not stop the others', async () => {
  await storeAll('a', 'b');
  const { claim, messages } = await taken({ limit: 1 });
  const next = await taken({ limit: 1, claim, after: messages[0]!.id });
  await delivered(next.messages[0]!.id);
  expect(await take({ claim, after: next.messages[0]!.id })).toEqual({ outcome: 'none' });
  // The end of the delivery has released it.
  expect(bodies((await taken()).messages)).toEqual(['a']);
});

it('gives one of two front ends that ask at once everything, and the other nothing', async () => {
  for (let round = 0; round < 20; round++) {
    account = await fixture.addAccount();
    accountId = account.accountId;
    await storeAll('a', 'b');
    const outcomes = await Promise.all([take(), take({ endpointId: 2 }, fixture.otherBackEnd)]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['claimed', 'taken']);
  }
});

describe('a claim', () => {
  it('is given back by releaseMessages, which says who else may take what is left', async () => {
    await storeAll('a');
    const registered = await fixture.backEnd.register(request(account));
    if (registered.outcome !== 'registered') throw new Error(registered.outcome);
    const { claim } = await taken();
    expect(await take()).toEqual({ outcome: 'claimed' });
    const release = (claim: number) => fixture.backEnd.releaseMessages({ accountId, claim, now: at(1) });
    expect(await release(claim + 1)).toMatchObject({ outcome: 'not_held', waiting: true });
    expect(await release(claim)).toEqual({
      outcome: 'released',
      waiting: true,
      endpoints: [{ id: registered.endpoints[0]!.id, frontEndId: 1, flow: 'flow-1', transport: 'UDP' }],
    });
    expect(await release(claim)).toMatchObject({ outcome: 'not_held' });
    const again = await taken();
    expect(bodies(again.messages)).toEqual(['a']);
    await delivered(again.messages[0]!.id);
    expect(await release(again.claim)).toMatchObject({ waiting: false });
  });

  it('runs out a minute after its last sign of life, and the one that lost it is told', async () => {
    await storeAll('a', 'b', 'c');
    const { claim, messages } = await taken({ now: at(0) });
    expect(await delivered(messages[0]!.id, { claim, now: at(30) })).toBe('removed');
    expect(await take({ now: at(89) })).toEqual({ outcome: 'claimed' });
    const other = await taken({ now: at(90), endpointId: 2 });
    expect(bodies(other.messages)).toEqual(['b', 'c']);
    expect(await take({ claim, now: at(91) })).toEqual({ outcome: 'claimed' });
    // What the first had under way when it lost the claim is delivered all the same.
    expect(await delivered(messages[1]!.id, { claim, now: at(91) })).toBe('removed');
    expect(await delivered(messages[1]!.id, { claim: other.claim, now: at(91) })).toBe('unknown');
  });

  it('ends with its front end', async () => {
    await storeAll('a');
    await taken();
    await fixture.backEnd.leaveFrontEnd(frontEndId);
    expect(
      await take({ frontEndId: await fixture.backEnd.joinFrontEnd({ processId: 2, addresses: {} }) }),
    ).toMatchObject({
      outcome: 'taken',
    });
  });

  it('does not keep new messages from being stored, and they are part of the same delivery', async () => {
    await storeAll('a');
    const { claim, messages } = await taken();
    await storeAll('b');
    expect(bodies((await taken({ claim, after: messages[0]!.id })).messages)).toEqual(['b']);
  });

  it('shows to those who only read', async () => {
    await storeAll('a');
    await store(fixture.backEnd, accountId, 'mine', { instances: ['<i>'] });
    const found = async () =>
      (await fixture.backEnd.findMessages({ accountId, instance: '<i>', limit: 10, now: at(1) })).map(
        ({ inDelivery }) => inDelivery,
      );
    expect(await found()).toEqual([false, false]);
    await taken();
    expect(await found()).toEqual([true, false]);
  });
});

it('a message is delivered once, and to say so again does nothing', async () => {
  const id = await store(fixture.backEnd, accountId, 'a');
  const outcomes = await Promise.all([delivered(id), delivered(id)]);
  expect(outcomes.sort()).toEqual(['removed', 'unknown']);
  const [queue] = await fixture.database.query(`select from data.message_queue where account_id = ${accountId}`);
  expect(queue).toBeUndefined();
});

describe('a message for certain HTTP endpoints', () => {
  const both = { instances: ['<one>', '<two>'] };
  const seenBy = async (instance?: string) =>
    bodies(await fixture.backEnd.findMessages({ accountId, limit: 10, now: at(1), ...(instance && { instance }) }));

  it('is seen by them alone, and stays until the last has acknowledged', async () => {
    const id = await store(fixture.backEnd, accountId, 'a', both);
    expect(await take()).toEqual({ outcome: 'none' });
    expect(await seenBy()).toEqual([]);
    expect(await seenBy('<three>')).toEqual([]);
    expect(await seenBy('<one>')).toEqual(['a']);
    expect(await delivered(id, { instance: '<one>' })).toBe('acknowledged');
    expect(await delivered(id, { instance: '<one>' })).toBe('acknowledged');
    expect(await seenBy('<one>')).toEqual([]);
    expect(await seenBy('<two>')).toEqual(['a']);
    expect(await delivered(id, { instance: '<two>' })).toBe('removed');
    expect(await delivered(id, { instance: '<two>' })).toBe('unknown');
  });

  it('goes when both acknowledge at once', async () => {
    const id = await store(fixture.backEnd, accountId, 'a', both);
    const outcomes = await Promise.all(
      ['<one>', '<two>'].map((instance, index) =>
        (index ? fixture.backEnd : fixture.otherBackEnd).messageDelivered({ accountId, messageId: id, instance }),
      ),
    );
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['acknowledged', 'removed']);
  });

  it("becomes everybody's when it is kept, unless one of them has it", async () => {
    const keep = async (messageId: number, seconds = 1) =>
      fixture.backEnd.keepMessage({ accountId, messageId, now: at(seconds) });
    const id = await store(fixture.backEnd, accountId, 'a', both);
    await fixture.backEnd.register(request(account));
    expect(await keep(id)).toMatchObject({ outcome: 'kept', endpoints: [{ frontEndId: 1, flow: 'flow-1' }] });
    expect(await keep(id)).toMatchObject({ outcome: 'kept' });
    expect(bodies((await taken()).messages)).toEqual(['a']);
    const other = await store(fixture.backEnd, accountId, 'b', both);
    expect(await keep(other, 3600)).toEqual({ outcome: 'unknown', endpoints: [] });
    await delivered(other, { instance: '<one>' });
    expect(await keep(other)).toEqual({ outcome: 'delivered', endpoints: [] });
    expect(await seenBy('<two>')).toEqual(['a', 'b']);
  });
});
