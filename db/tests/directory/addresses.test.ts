import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DirectoryLock } from '../../../packages/back-end/src/index.ts';
import { at, DOMAIN, type Fixture, HA1, openFixture } from '../fixture.ts';
import { gone, lockOf, person, run } from './directory-fixture.ts';

let fixture: Fixture;
let lock: DirectoryLock;
beforeEach(async () => {
  fixture = await openFixture();
  lock = await lockOf(fixture.backEnd);
});
afterEach(async () => {
  await lock.release();
  await fixture.close();
});

/** Which account has which user part. */
const ids = async () =>
  Object.fromEntries((await fixture.backEnd.listAccounts({ limit: 10_000 })).map(({ id, user }) => [user, id]));
const users = async () => Object.keys(await ids()).sort();
/** DN and detail of each. */
const problems = async () =>
  (await fixture.backEnd.listDirectoryProblems()).map(({ dn, problem, detail }) => [
    /p\d+/.exec(dn)![0],
    problem,
    detail,
  ]);
const dn = (number: number) => `uid=p${number},dc=example,dc=org`;

describe('accounts that exchange their addresses', () => {
  it('swap in one run, and are the same accounts', async () => {
    await run(lock, [person(1, 'alice'), person(2, 'bob'), person(3, 'carol')]);
    const before = await ids();
    const swapped = await run(lock, [person(1, 'bob'), person(2, 'carol'), person(3, 'alice')]);
    expect(swapped.told).toEqual(['alice', 'bob', 'carol'].map((user) => `${user}@${DOMAIN}`));
    expect(await ids()).toEqual({ bob: before.alice, carol: before.bob, alice: before.carol });
    expect(await problems()).toEqual([]);
  });

  it('follow each other along a chain that is longer than a batch; a new one gets what is free at its end', async () => {
    const count = 1_500;
    const chain = Array.from({ length: count }, (_, index) => index);
    await run(
      lock,
      chain.map((index) => person(index, `user-${index}`)),
    );
    const before = await ids();
    const moved = chain.map((index) => person(index, `user-${index + 1}`));
    expect(await run(lock, [person(count, 'user-0'), ...moved])).toMatchObject({
      counts: { added: 1, changed: count, conflicts: 0 },
    });
    const after = await ids();
    for (const index of chain) expect(after[`user-${index + 1}`]).toBe(before[`user-${index}`]);
    expect(Object.values(before)).not.toContain(after['user-0']);
  });

  it('rotate as soon as nobody else asks for one of their addresses, also when none of them is sent again', async () => {
    await run(lock, [person(1, 'alice'), person(2, 'bob'), person(3, 'carol'), person(4, 'dave')]);
    const before = await ids();
    // Two ask for carol's address: the ring that she is of waits, and whoever waits for that.
    await run(lock, [person(1, 'bob'), person(2, 'carol'), person(3, 'alice'), person(4, 'carol'), person(5, 'dave')]);
    expect(await ids()).toEqual(before);
    expect((await run(lock, [])).told).toEqual([]);
    await run(lock, [person(4, 'erin')]);
    const { dave, ...after } = await ids();
    expect(after).toEqual({ bob: before.alice, carol: before.bob, alice: before.carol, erin: before.dave });
    expect(Object.values(before)).not.toContain(dave);
    expect(await problems()).toEqual([]);
  });

  it('keep theirs when the first cannot leave', async () => {
    await fixture.backEnd.addAccount({ user: 'taken', domain: DOMAIN, ha1: HA1 });
    await run(lock, [person(1, 'alice'), person(2, 'bob'), person(3, 'carol')]);
    const before = await ids();
    await run(lock, [person(1, 'taken'), person(2, 'alice'), person(3, 'bob')]);
    expect(await ids()).toEqual(before);
    expect((await problems()).map(([who, problem]) => [who, problem])).toEqual([
      ['p1', 'conflict'],
      ['p2', 'conflict'],
      ['p3', 'conflict'],
    ]);
    // It ends, though the directory sends nothing.
    await fixture.backEnd.removeAccount({ user: 'taken', domain: DOMAIN });
    await run(lock, []);
    expect(await ids()).toEqual({ taken: before.alice, alice: before.bob, bob: before.carol });
    expect(await problems()).toEqual([]);
  });
});

describe('a conflict', () => {
  it.each([
    ['an account made by hand', 'belongs to an account that does not follow the directory'],
    ['an alias', `is an alias of hand@${DOMAIN}`],
  ])('with %s is reported, and ends with it', async (whose, detail) => {
    const hand = { user: whose === 'an alias' ? 'hand' : 'alice', domain: DOMAIN };
    await fixture.backEnd.addAccount({ ...hand, ha1: HA1 });
    await fixture.backEnd.addAlias({ account: hand, alias: { user: 'alice', domain: DOMAIN } });
    expect(await run(lock, [person(1, 'alice')])).toMatchObject({ counts: { added: 0, conflicts: 1 } });
    expect(await problems()).toEqual([['p1', 'conflict', detail]]);
    expect(await run(lock, [])).toMatchObject({ counts: { added: 0, conflicts: 1 } });
    await fixture.backEnd.removeAccount(hand);
    expect(await run(lock, [])).toMatchObject({ counts: { added: 1, conflicts: 0 } });
    expect(await users()).toEqual(['alice']);
    expect(await fixture.backEnd.findSignIn({ user: 'alice', domain: DOMAIN })).toMatchObject({
      followsDirectory: true,
    });
  });

  it('of two new entries leaves both without an account, until one asks for another', async () => {
    await run(lock, [person(1, 'alice'), person(2, 'alice')]);
    expect(await users()).toEqual([]);
    expect(await problems()).toEqual([
      ['p1', 'conflict', `also asked for by ${dn(2)}`],
      ['p2', 'conflict', `also asked for by ${dn(1)}`],
    ]);
    expect(await run(lock, [])).toMatchObject({ counts: { added: 0, conflicts: 2 } });
    await run(lock, [person(2, 'ann')]);
    expect(await users()).toEqual(['alice', 'ann']);
    expect(await problems()).toEqual([]);
  });

  it('of entries of two batches, or of two runs, is one as well', async () => {
    const many = Array.from({ length: 1_200 }, (_, index) => person(index + 1, `user-${index + 1}`));
    await run(lock, [person(0, 'same'), ...many, person(5_000, 'same')]);
    expect((await problems()).map(([who]) => who)).toEqual(['p0', 'p5000']);
    await run(lock, [person(5_001, 'same')]);
    expect((await problems()).map(([who]) => who)).toEqual(['p0', 'p5000', 'p5001']);
    await run(lock, [gone(0), gone(5_001)]);
    expect(await problems()).toEqual([]);
    expect(await users()).toContain('same');
  });

  it('leaves an account that there is its address, and the one that asks for it without', async () => {
    await run(lock, [person(1, 'alice'), person(2, 'bob')]);
    const before = await ids();
    await run(lock, [person(2, 'alice')]);
    expect(await ids()).toEqual(before);
    expect(await fixture.backEnd.listDirectoryProblems()).toMatchObject([
      { problem: 'conflict', address: `alice@${DOMAIN}`, keeps: `bob@${DOMAIN}`, detail: `belongs to ${dn(1)}` },
    ]);
    // Still asked for, but by nobody else: what comes of its own is taken.
    await run(lock, [person(1, 'ann')]);
    expect(await ids()).toEqual({ ann: before.alice, alice: before.bob });
  });

  it('with an account that is gone says until when, and how it ends now', async () => {
    await run(lock, [person(1, 'alice')]);
    await run(lock, [gone(1), person(2, 'alice')]);
    expect(await problems()).toEqual([
      [
        'p2',
        'conflict',
        `belongs to an account whose entry ${dn(1)} is gone; it is removed after 2027-03-31, or now by: rollcall account remove sip:alice@${DOMAIN}`,
      ],
    ]);
    await lock.removeGoneAccounts({ graceDays: 30, now: at(30 * 86_400) });
    expect(await run(lock, [])).toMatchObject({ counts: { added: 1, conflicts: 0 } });
  });

  it('with a domain that the pool does not serve ends when it does', async () => {
    await run(lock, [person(1, 'alice', { domain: 'example.com' })]);
    expect(await problems()).toEqual([
      ['p1', 'domain_unknown', 'the pool does not serve example.com: serve it, or map it to another domain'],
    ]);
    await fixture.backEnd.createDomain('example.com');
    expect(await run(lock, [])).toMatchObject({ counts: { added: 1 } });
  });
});

describe('an account that is added by hand at the same moment', () => {
  it('and an entry for the same address never break a run', async () => {
    for (let round = 0; round < 10; round++) {
      const user = `race-${round}`;
      const other = `other-${round}`;
      await run(lock, [person(round, other)]);
      const [added] = await Promise.all([
        fixture.otherBackEnd.addAccount({ user, domain: DOMAIN, ha1: HA1 }),
        run(lock, [person(round, user), person(100 + round, `${user}-new`)]),
      ]);
      const signIn = await fixture.backEnd.findSignIn({ user, domain: DOMAIN });
      expect(signIn?.followsDirectory).toBe(added.outcome === 'exists');
    }
  });
});
