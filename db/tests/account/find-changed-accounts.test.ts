import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Fixture, HA1, openFixture } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const verified = ({ accountId }: { accountId: number }, credentialVersion = 1) => ({ accountId, credentialVersion });

it('names what holds no more: another password, disabled, enabled again, removed; and nothing else', async () => {
  const [same, password, disabled, again, removed] = await Promise.all(
    ['same', 'password', 'disabled', 'again', 'removed'].map((name) => fixture.addAccount(name)),
  );
  const all = [same!, password!, disabled!, again!, removed!].map((account) => verified(account));
  expect(await fixture.backEnd.findChangedAccounts(all)).toEqual([]);

  await fixture.backEnd.setPassword({ ...password!, ha1: { ...HA1, MD5: '04'.repeat(16) } });
  for (const account of [disabled!, again!]) await fixture.backEnd.setAccountEnabled({ ...account, enabled: false });
  await fixture.backEnd.setAccountEnabled({ ...again!, enabled: true });
  await fixture.backEnd.removeAccount(removed!);
  expect(await fixture.backEnd.findChangedAccounts(all)).toEqual(all.slice(1));
});

it('tells one connection of an account from another that has authenticated since', async () => {
  const alice = await fixture.addAccount('alice');
  await fixture.backEnd.setPassword({ ...alice, ha1: HA1 });
  const connections = [verified(alice, 2), verified(alice, 1), verified(alice, 2)];
  expect(await fixture.backEnd.findChangedAccounts(connections)).toEqual([connections[1]]);
  expect(await fixture.backEnd.findChangedAccounts([])).toEqual([]);
});

it('does not hold a disabled account for good, even under its present version', async () => {
  const alice = await fixture.addAccount('alice');
  await fixture.backEnd.setAccountEnabled({ ...alice, enabled: false });
  expect(await fixture.backEnd.findChangedAccounts([verified(alice, 2)])).toHaveLength(1);
});
