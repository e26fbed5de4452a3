import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RuleSubject } from '../../../packages/back-end/src/index.ts';
import { at, DOMAIN, type Fixture, openFixture, type TestAccount } from '../fixture.ts';

let fixture: Fixture;
let alice: TestAccount;
let bob: TestAccount;

beforeAll(async () => {
  fixture = await openFixture();
  await fixture.backEnd.createDomain('example.net');
  alice = await fixture.addAccount('alice');
  await fixture.backEnd.addAlias({ account: alice, alias: { user: 'sales', domain: 'example.net' } });
});
afterAll(() => fixture.close());

type Rules = [subject: RuleSubject, communication: 'allow' | 'deny'][];
const everyone: RuleSubject = { scope: 'everyone' };
const domain = (name: string): RuleSubject => ({ scope: 'domain', domain: name });
const user = (user: string, domain = DOMAIN): RuleSubject => ({ scope: 'user', user, domain });

async function outcome(rules: Rules, from: string, caller: TestAccount | undefined = alice): Promise<string> {
  bob = await fixture.addAccount('bob');
  for (const [subject, communication] of rules)
    expect(await fixture.backEnd.setAccessRule({ account: bob, subject, communication })).toMatchObject({
      outcome: 'set',
    });
  const { outcome } = await fixture.backEnd.route({
    ...(caller && { caller: { accountId: caller.accountId, credentialVersion: 1 } }),
    ...{ from, checkFrom: false, target: bob, now: at(0) },
  });
  return outcome;
}

it('lets all come who meet no rule', async () => {
  expect(await outcome([[domain('other.org'), 'deny']], `alice-1@${DOMAIN}`)).toBe('routed');
});

it('a user beats a domain beats everyone', async () => {
  const from = `${alice.user}@${DOMAIN}`;
  expect(await outcome([[everyone, 'deny']], from)).toBe('denied');
  expect(
    await outcome(
      [
        [everyone, 'deny'],
        [domain(DOMAIN), 'allow'],
      ],
      from,
    ),
  ).toBe('routed');
  expect(
    await outcome(
      [
        [everyone, 'allow'],
        [domain(DOMAIN), 'deny'],
      ],
      from,
    ),
  ).toBe('denied');
  expect(
    await outcome(
      [
        [domain(DOMAIN), 'deny'],
        [user(alice.user), 'allow'],
      ],
      from,
    ),
  ).toBe('routed');
  expect(
    await outcome(
      [
        [domain(DOMAIN), 'allow'],
        [user(alice.user), 'deny'],
      ],
      from,
    ),
  ).toBe('denied');
});

it('an alias is no way round a rule', async () => {
  expect(await outcome([[user(alice.user), 'deny']], 'sales@example.net')).toBe('denied');
  expect(await outcome([[user('sales', 'example.net'), 'deny']], `${alice.user}@${DOMAIN}`)).toBe('denied');
  expect(await outcome([[domain(DOMAIN), 'deny']], 'sales@example.net')).toBe('denied');
});

it('of two rules of one kind the one that denies counts', async () => {
  const both: Rules = [
    [user(alice.user), 'allow'],
    [user('sales', 'example.net'), 'deny'],
  ];
  expect(await outcome(both, `${alice.user}@${DOMAIN}`)).toBe('denied');
});

it('holds for trusted networks by what the request says it is from', async () => {
  const { backEnd } = fixture;
  const target = await fixture.addAccount('target');
  await backEnd.setAccessRule({ account: target, subject: domain('evil.org'), communication: 'deny' });
  const trusted = async (from: string) => (await backEnd.route({ from, checkFrom: false, target })).outcome;
  expect(await trusted('mallory@evil.org')).toBe('denied');
  expect(await trusted('carol@other.org')).toBe('routed');
  expect(await trusted('')).toBe('routed');
});

it("never keeps an account's own endpoints from it", async () => {
  const { backEnd } = fixture;
  await backEnd.setAccessRule({ account: alice, subject: everyone, communication: 'deny' });
  const caller = { accountId: alice.accountId, credentialVersion: 1 };
  const target = { user: 'sales', domain: 'example.net' };
  expect(await backEnd.route({ caller, from: '', checkFrom: false, target })).toMatchObject({ outcome: 'routed' });
  await backEnd.removeAccessRule({ account: alice, subject: everyone });
});
