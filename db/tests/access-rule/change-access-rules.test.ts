import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccessRule, RuleChange, RuleSubject } from '../../../packages/back-end/src/index.ts';
import { DOMAIN, type Fixture, openFixture, type TestAccount } from '../fixture.ts';

let fixture: Fixture;
let ruler: TestAccount;

beforeAll(async () => {
  fixture = await openFixture();
});
beforeEach(async () => {
  ruler = await fixture.addAccount('ruler');
});
afterAll(() => fixture.close());

const everyone: RuleSubject = { scope: 'everyone' };
const domain = (name: string): RuleSubject => ({ scope: 'domain', domain: name });
const user = (user: string, domain = DOMAIN): RuleSubject => ({ scope: 'user', user, domain });
const nobody = { user: 'nobody', domain: DOMAIN };

const own = () => ({ accountId: ruler.accountId, credentialVersion: 1 });
const find = () => fixture.backEnd.findAccessRules({ accountId: ruler.accountId });
const replace = (rules: AccessRule[], more: object = {}, backEnd = fixture.backEnd) =>
  backEnd.replaceAccessRules({ ...own(), rules, ...more });
const change = (changes: RuleChange[]) => fixture.backEnd.changeAccessRules({ ...own(), changes });
const outcome = (outcome: string) => expect.objectContaining({ outcome });

describe('an administrator', () => {
  const set = (subject: RuleSubject, says: Omit<RuleChange, 'subject'>) =>
    fixture.backEnd.setAccessRule({ account: ruler, subject, ...says });

  it('sets, changes, lists and removes rules', async () => {
    const { backEnd } = fixture;
    expect(await backEnd.listAccessRules(ruler)).toEqual([]);
    expect(await set(everyone, { communication: 'deny' })).toEqual({ outcome: 'set', accountId: ruler.accountId });
    expect(await set(everyone, { communication: 'deny' })).toEqual(outcome('unchanged'));
    expect(await set(everyone, { communication: 'allow' })).toEqual(outcome('set'));
    expect(await set(user('a@b', 'example.net'), { level: 'team' })).toEqual(outcome('set'));
    expect(await set(domain('example.net'), { communication: 'deny', level: 'blocked' })).toEqual(outcome('set'));
    expect(await backEnd.listAccessRules(ruler)).toEqual([
      { subject: user('a@b', 'example.net'), level: 'team' },
      { subject: domain('example.net'), communication: 'deny', level: 'blocked' },
      { subject: everyone, communication: 'allow' },
    ]);
    expect(await find()).toMatchObject({ version: 4 });
    expect(await backEnd.removeAccessRule({ account: ruler, subject: everyone })).toEqual(outcome('removed'));
    expect(await backEnd.removeAccessRule({ account: ruler, subject: everyone })).toEqual(outcome('rule_unknown'));
    expect((await backEnd.removeAccount(ruler)).outcome).toBe('removed');
  });

  it('says one thing and leaves the other, until the rule says nothing', async () => {
    await set(everyone, { communication: 'deny' });
    await set(everyone, { level: 'team' });
    expect((await find()).rules).toEqual([{ subject: everyone, communication: 'deny', level: 'team' }]);
    await set(everyone, { communication: null });
    expect((await find()).rules).toEqual([{ subject: everyone, level: 'team' }]);
    await set(everyone, { level: null });
    expect((await find()).rules).toEqual([]);
  });

  it('is told when there is no such account', async () => {
    const { backEnd } = fixture;
    const unknown = outcome('account_unknown');
    expect(await backEnd.setAccessRule({ account: nobody, subject: everyone, level: 'team' })).toEqual(unknown);
    expect(await backEnd.removeAccessRule({ account: nobody, subject: everyone })).toEqual(unknown);
    expect(await backEnd.listAccessRules(nobody)).toBeUndefined();
  });
});

describe('an account', () => {
  const rules: AccessRule[] = [
    { subject: user('bob'), level: 'personal' },
    { subject: domain(DOMAIN), communication: 'allow', level: 'team' },
    { subject: everyone, communication: 'deny' },
  ];

  it('replaces all its rules, and changes some', async () => {
    expect(await find()).toEqual({ version: 0, removed: true, rules: [] });
    expect(await replace(rules)).toEqual({ outcome: 'changed', changed: true, version: 1 });
    expect(await find()).toEqual({ version: 1, removed: false, rules });
    expect(await replace(rules)).toEqual({ outcome: 'changed', changed: false, version: 1 });
    expect(await replace(rules.slice(1))).toMatchObject({ version: 2 });
    expect(await change([{ subject: everyone, level: 'public' }])).toMatchObject({ version: 3 });
    expect((await find()).rules).toEqual([rules[1], { subject: everyone, communication: 'deny', level: 'public' }]);
    expect(await replace([{ subject: everyone, level: 'public' }])).toMatchObject({ version: 4 });
    expect((await find()).rules).toEqual([{ subject: everyone, level: 'public' }]);
    expect(await replace([])).toMatchObject({ version: 5 });
    expect(await find()).toEqual({ version: 5, removed: false, rules: [] });
  });

  it('is told that its rules have another version, and of two that expect one, one counts', async () => {
    await replace(rules);
    expect(await replace([], { expectedVersion: 0 })).toEqual({ outcome: 'conflict', version: 1 });
    const both = await Promise.all([
      replace([], { expectedVersion: 1 }),
      replace(rules.slice(1), { expectedVersion: 1 }, fixture.otherBackEnd),
    ]);
    expect(both.map(({ outcome }) => outcome).toSorted()).toEqual(['changed', 'conflict']);
    expect(await find()).toMatchObject({ version: 2 });
  });

  it('has none but its own to change', async () => {
    const refused = { outcome: 'credentials_changed' };
    expect(await replace(rules, { credentialVersion: 2 })).toEqual(refused);
    await fixture.backEnd.setAccountEnabled({ ...ruler, enabled: false });
    expect(await change([{ subject: everyone, level: 'team' }])).toEqual(refused);
    await fixture.backEnd.removeAccount(ruler);
    expect(await replace([])).toEqual(refused);
  });

  it('has 10,000 rules at most, set in one, and soon', async () => {
    const many: AccessRule[] = Array.from({ length: 10_000 }, (_, n) => ({
      subject: user(`user-${n}`),
      level: 'blocked',
    }));
    const started = performance.now();
    expect(await replace(many)).toMatchObject({ version: 1 });
    expect(await replace(many.slice(1))).toMatchObject({ version: 2 });
    // Far from the minutes that comparing all with all takes.
    expect(performance.now() - started).toBeLessThan(5000);
    expect((await find()).rules).toHaveLength(9999);
    const tooMany = { outcome: 'too_many_rules' };
    expect(await replace([...many, { subject: everyone, level: 'team' }])).toEqual(tooMany);
    expect(await change([{ subject: everyone, level: 'team' }])).toMatchObject({ version: 3 });
    expect(await change([{ subject: domain(DOMAIN), level: 'team' }])).toEqual(tooMany);
    expect(await fixture.backEnd.setAccessRule({ account: ruler, subject: domain(DOMAIN), level: 'team' })).toEqual(
      outcome('too_many_rules'),
    );
    expect(await change([{ subject: user('user-7'), level: 'team' }])).toMatchObject({ version: 4 });
  });

  it('has no rule with a level that there is not', async () => {
    const wrong = { subject: everyone, level: 'friend' } as unknown as AccessRule;
    await expect(replace([wrong])).rejects.toThrow();
    expect(await find()).toEqual({ version: 0, removed: true, rules: [] });
  });
});

it('a change is looked at again for all who watch', async () => {
  const watched = async () => {
    const rows = await fixture.database.query<{ changed: boolean }>(
      `select changed_at > '2027-01-01' as changed from data.event_state where account_id = ${ruler.accountId}`,
    );
    return rows.every(({ changed }) => changed);
  };
  await fixture.database.query(`
    insert into data.event_state (account_id, event, level, version, changed_at)
    values (${ruler.accountId}, 'presence', 'company', 1, '2020-01-01'), (${ruler.accountId}, 'presence', 'team', 1, '2020-01-01')`);
  await fixture.database.query(`
    select api.set_access_rule(user_part, '${DOMAIN}', 'everyone', '', '{"level": "team"}', p_now => '2027-03-01')
    from data.account where id = ${ruler.accountId}`);
  expect(await watched()).toBe(true);
});
