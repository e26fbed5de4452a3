import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DigestProof, RegisterRequest } from '../../../packages/back-end/src/index.ts';
import {
  DIGESTED,
  DOMAIN,
  type Fixture,
  HA1,
  openFixture,
  presentedRequest,
  proof,
  request,
  type TestAccount,
  uris,
} from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const register = (account: DigestProof, changes?: Partial<RegisterRequest>) =>
  fixture.backEnd.register(presentedRequest(account, changes));

it('registers who proves the password, and says whose it is and what it was verified with', async () => {
  const alice = await fixture.addAccount('alice');
  const outcome = await register(proof(alice));
  expect(outcome).toMatchObject({ proven: { accountId: alice.accountId, credentialVersion: 1, ha1: HA1.MD5 } });
  expect(uris(outcome)).toEqual(['sip:alice@phone']);
  const again = await register(proof(alice, HA1['SHA-256'], { algorithm: 'SHA-256' }), { cseq: 2 });
  expect(again).toMatchObject({ outcome: 'registered', proven: { ha1: HA1['SHA-256'] } });
});

it('refuses a wrong response, an unknown account, another domain, another algorithm and a disabled account alike', async () => {
  const [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
  await fixture.backEnd.setAccountEnabled({ ...bob, enabled: false });
  const wrong = [
    proof(alice, 'ff'.repeat(16)),
    proof({ user: 'nobody' }),
    proof(alice, HA1.MD5, { domain: 'example.com' }),
    proof(alice, HA1.MD5, { digested: `${DIGESTED}0` }),
    proof(alice, HA1.MD5, { algorithm: 'SHA-256' }),
    proof(bob),
    // What stands in for a password that is not there is nobody's password.
    proof({ user: 'nobody' }, '-'.repeat(32)),
  ];
  for (const one of wrong) expect(await register(one)).toEqual({ outcome: 'wrong_credentials' });
  const query = request(alice, { changes: [] });
  expect(uris(await fixture.backEnd.register(query))).toEqual([]);
});

it('refuses what stands in for a password of an algorithm that the account has none of', async () => {
  const user = 'md5-only';
  await fixture.backEnd.addAccount({ user, domain: DOMAIN, ha1: { MD5: HA1.MD5 } });
  const decoy = proof({ user }, '-'.repeat(64), { algorithm: 'SHA-256' });
  expect(await register(decoy)).toEqual({ outcome: 'wrong_credentials' });
  expect((await register(proof({ user }))).outcome).toBe('registered');
});

it('uses the nonce of a right response once, and none of a wrong one', async () => {
  const alice = await fixture.addAccount('alice');
  const nonce = { id: 7n, count: 1 };
  expect((await register(proof(alice, 'ff'.repeat(16)), { nonce })).outcome).toBe('wrong_credentials');
  expect((await register(proof(alice), { nonce })).outcome).toBe('registered');
  expect((await register(proof(alice), { nonce, cseq: 2 })).outcome).toBe('nonce_replayed');
});

it('takes right and wrong ones, proven and verified before, in one batch', async () => {
  const accounts: TestAccount[] = [];
  for (let count = 0; count < 8; count++) accounts.push(await fixture.addAccount('user'));
  const outcomes = await Promise.all(
    accounts.map((account, at) => {
      if (at % 4 === 0) return fixture.backEnd.register(request(account));
      return register(at % 4 === 1 ? proof(account, 'ff'.repeat(16)) : proof(account));
    }),
  );
  const wrong = { outcome: 'wrong_credentials' };
  for (const [at, account] of accounts.entries()) {
    if (at % 4 === 1) expect(outcomes[at]).toEqual(wrong);
    else if (at % 4 === 0) expect(outcomes[at]).toMatchObject({ outcome: 'registered', endpoints: { length: 1 } });
    else expect(outcomes[at]).toMatchObject({ outcome: 'registered', proven: { accountId: account.accountId } });
  }
});

it('two requests of one account, one proven and one verified before, do not meet in a batch', async () => {
  const alice = await fixture.addAccount('alice');
  const addressOfRecord = `${alice.user}@${alice.domain}`;
  const rounds = await Promise.all(
    Array.from({ length: 20 }, (_, at) => {
      const changes = { addressOfRecord, cseq: at + 1 };
      return at % 2 ? register(proof(alice), changes) : fixture.backEnd.register(request(alice, changes));
    }),
  );
  expect(new Set(rounds.map(({ outcome }) => outcome))).toEqual(new Set(['registered']));
});

it('refuses a response that was right until the password changed, while it waited for the lock', async () => {
  const alice = await fixture.addAccount('alice');
  const holder = await fixture.database.connect();
  await holder.query('begin');
  await holder.query('select from data.account where id = $1 for no key update', [alice.accountId]);
  const outcome = register(proof(alice));
  await expect
    .poll(() =>
      fixture.database.query(
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      ),
    )
    .toHaveLength(1);
  await holder.query('update data.account set credential_version = 2 where id = $1', [alice.accountId]);
  await holder.query('commit');
  expect((await outcome).outcome).toBe('credentials_changed');
});
