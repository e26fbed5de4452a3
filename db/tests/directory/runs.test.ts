import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackEndUnavailableError, type DirectoryLock, openBackEnd } from '../../../packages/back-end/src/index.ts';
import { at, DOMAIN, type Fixture, NOON, openFixture, request } from '../fixture.ts';
import { entryId, gone, lockOf, person, run } from './directory-fixture.ts';

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

const people = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => person(from + index, `user-${from + index}`));
const accounts = () => fixture.backEnd.listAccounts({ limit: 10_000 });
/** Ends the connection that has the lock, as a server that goes away does. */
const cut = () =>
  fixture.database.query(
    `select pg_terminate_backend(pid) from pg_locks
     where locktype = 'advisory' and classid = ${0x726f6c6c} and database = (select oid from pg_database where datname = current_database())`,
  );

describe('the lock', () => {
  it('is of one, and of the next when it is released or lost', async () => {
    expect(await fixture.otherBackEnd.lockDirectory({ holder: 'host:2' })).toEqual({ locked: false });
    expect(await fixture.backEnd.directoryStatus()).toMatchObject({ holder: 'host:1' });
    await lock.release();
    await lock.lost;
    expect((await fixture.backEnd.directoryStatus()).holder).toBeUndefined();
    const second = await lockOf(fixture.otherBackEnd, 'host:2');
    expect(await fixture.backEnd.directoryStatus()).toMatchObject({ holder: 'host:2' });
    await cut();
    await second.lost;
    lock = await lockOf(fixture.backEnd);
  });

  it('that is lost lets its holder write nothing', async () => {
    await lock.beginDirectoryRun({ full: false });
    await lock.stageDirectoryChanges(people(2));
    await cut();
    const applied = lock.applyDirectoryChanges({ full: false, cookie: Buffer.from('1'), disableLimitPercent: 10 });
    await expect(applied).rejects.toThrow(BackEndUnavailableError);
    await expect(lock.stageDirectoryChanges(people(1))).rejects.toThrow(BackEndUnavailableError);
    expect(await accounts()).toEqual([]);
    lock = await lockOf(fixture.otherBackEnd);
    // What the other one had staged is not applied with what this one does.
    expect(await run(lock, people(1, 7))).toMatchObject({ counts: { entries: 1, added: 1 } });
  });

  it('makes a server give up a host that fell silent within 5 s', async () => {
    // The settings of that session; that they do it is PostgreSQL's and the kernel's.
    const [client] = await Promise.all([fixture.database.connect()]);
    await lock.release();
    await expect.poll(async () => (await client.query("select api.lock_directory('x') as ok")).rows[0].ok).toBe(true);
    const shown = async (name: string) => Number((await client.query(`show ${name}`)).rows[0][name].replace(/\D/g, ''));
    const [idle, interval, count] = [
      await shown('tcp_keepalives_idle'),
      await shown('tcp_keepalives_interval'),
      await shown('tcp_keepalives_count'),
    ];
    expect(idle! + interval! * count!).toBeLessThan(5);
    expect(await shown('tcp_user_timeout')).toBeLessThan(5_000);
  });
});

describe('a run', () => {
  it('answers the cookie of the last one that was applied to the end', async () => {
    expect(await lock.beginDirectoryRun({ full: true, now: NOON })).toEqual({});
    await run(lock, people(2), { full: true, cookie: 'one' });
    await run(lock, [], { cookie: 'two', now: at(60) });
    expect(await lock.beginDirectoryRun({ full: false, now: at(120) })).toEqual({
      cookie: Buffer.from('two'),
      cookieAt: at(60),
      lastFullAt: NOON,
    });
    await lock.failDirectoryRun({ code: 'unreachable', error: 'no server answers', now: at(121) });
    expect(await fixture.backEnd.directoryStatus()).toMatchObject({
      cookieAt: at(60),
      run: {
        startedAt: at(120),
        endedAt: at(121),
        outcome: 'failed',
        errorCode: 'unreachable',
        error: 'no server answers',
      },
      accounts: { enabled: 2, disabled: 0, gone: 0 },
    });
  });

  it('that loses its connection between two batches is repeated from the old cookie: nothing is missing, nothing doubled', async () => {
    await run(lock, people(1), { cookie: 'old' });
    await lock.beginDirectoryRun({ full: false });
    await lock.stageDirectoryChanges(people(1_000));
    await lock.stageDirectoryChanges(people(1_500, 1_000));
    let batches = 0;
    const applied = lock.applyDirectoryChanges({
      ...{ full: false, cookie: Buffer.from('new'), disableLimitPercent: 10 },
      onProgress: (done) => {
        batches++;
        if (done >= 1_000) void cut();
      },
    });
    await expect(applied).rejects.toThrow(BackEndUnavailableError);
    expect(batches).toBeGreaterThan(0);
    const between = (await accounts()).length;
    expect(between).toBeGreaterThan(1);

    lock = await lockOf(fixture.otherBackEnd);
    expect((await lock.beginDirectoryRun({ full: false })).cookie).toEqual(Buffer.from('old'));
    expect(await run(lock, people(2_500), { cookie: 'new' })).toMatchObject({ counts: { added: 2_500 - between } });
    expect(await accounts()).toHaveLength(2_500);
  });

  it('goes on while accounts register, are disabled by hand and get contacts', async () => {
    await run(lock, people(300));
    const all = await accounts();
    let running = true;
    const clients = Array.from({ length: 4 }, async (_, client) => {
      for (let round = 0; running; round++) {
        const { id, user } = all[(client * 71 + round * 13) % all.length]!;
        const account = { user, domain: DOMAIN };
        const signIn = await fixture.otherBackEnd.findSignIn(account);
        if (!signIn) continue;
        const verified = { accountId: id, credentialVersion: signIn.credentialVersion };
        await fixture.otherBackEnd.register({
          ...request({ accountId: id }),
          account: verified,
          callId: `${client}-${round}`,
        });
        if (round % 3 === 0) await fixture.otherBackEnd.setAccountEnabled({ ...account, enabled: round % 2 === 0 });
        const contacts = [{ user: `user-${(round * 7) % 300}`, domain: DOMAIN }];
        if (client === 0) await fixture.otherBackEnd.changeContacts({ ...verified, contacts });
      }
    });
    for (let round = 0; round < 12; round++) {
      // Everybody moves by one, some are disabled.
      const shifted = Array.from({ length: 300 }, (_, index) =>
        person(index, `user-${(index + round) % 300}`, { enabled: (index + round) % 5 !== 0 }),
      );
      expect(await run(lock, shifted, { full: round % 2 === 0 })).toMatchObject({ outcome: 'applied' });
    }
    running = false;
    await Promise.all(clients);
    const seen = await fixture.database.query<{ wrong: number }>(
      `select count(*)::int as wrong from data.directory_entry e
       join data.account a on a.id = e.account_id
       where a.user_part <> e.user_part or (a.enabled and not e.enabled)
         or exists (select from data.endpoint p where p.account_id = a.id and not a.enabled)`,
    );
    expect(seen).toEqual([{ wrong: 0 }]);
  }, 30_000);
});

describe('the guard', () => {
  it('stops a run that would disable more than its share, until it is allowed once', async () => {
    await run(lock, people(20), { cookie: 'old' });
    const without = people(20).slice(3);
    const limited = { full: true, percent: 10, cookie: 'new' };
    expect(await run(lock, without, limited)).toMatchObject({ outcome: 'too_many', would: 3, of: 20, told: [] });
    expect((await accounts()).filter(({ enabled }) => !enabled)).toEqual([]);
    expect(await fixture.backEnd.directoryStatus()).toMatchObject({ run: { outcome: 'too_many', would: 3, of: 20 } });
    expect((await lock.beginDirectoryRun({ full: false })).cookie).toEqual(Buffer.from('old'));

    await fixture.backEnd.allowDirectoryRun({ percent: 14 });
    expect(await run(lock, without, limited)).toMatchObject({ outcome: 'too_many' });
    await fixture.backEnd.allowDirectoryRun();
    expect(await run(lock, without, limited)).toMatchObject({ outcome: 'applied', counts: { disabled: 3 } });
    expect((await fixture.backEnd.directoryStatus()).allowedPercent).toBeUndefined();
    expect(await run(lock, without.slice(3), limited)).toMatchObject({ outcome: 'too_many', would: 3, of: 17 });
  });

  it('lets one go whatever the share is, and counts those that are disabled as well as those that are gone', async () => {
    await run(lock, people(4));
    expect(await run(lock, [gone(0)], { percent: 0 })).toMatchObject({ outcome: 'applied' });
    const two = [
      person(1, 'user-1', { enabled: false }),
      { kind: 'skipped', id: entryId(2), dn: 'x', reason: 'excluded' } as const,
    ];
    expect(await run(lock, two, { percent: 50 })).toMatchObject({ outcome: 'too_many', would: 2, of: 3 });
    // Those that are disabled already do not count.
    await fixture.backEnd.setAccountEnabled({ user: 'user-2', domain: DOMAIN, enabled: false });
    expect(await run(lock, two, { percent: 0 })).toMatchObject({ outcome: 'applied', counts: { disabled: 1 } });
  });
});

it('works with the rights of rollcall_replicator alone', async () => {
  await lock.release();
  const backEnd = await openBackEnd({ databaseUrl: fixture.database.replicatorUrl });
  lock = await lockOf(backEnd, 'r');
  await run(lock, [person(1, 'alice', { groups: ['cn=staff'] }), person(2, 'bob')]);
  await run(lock, [person(1, 'ann', { groups: ['cn=staff'] }), gone(2)]);
  expect(await lock.knownMembers('cn=staff')).toEqual([entryId(1)]);
  expect(await lock.removeGoneAccounts({ graceDays: 0, now: at(1) })).toMatchObject({ removed: 1 });
  await lock.failDirectoryRun({ error: 'over' });
  expect(await backEnd.directoryStatus()).toMatchObject({ holder: 'r' });
  expect(await backEnd.listDirectoryProblems()).toEqual([]);
  await backEnd.close();
});
