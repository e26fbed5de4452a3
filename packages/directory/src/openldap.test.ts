import { startOpenLdap, type TestDirectory } from '@rollcall/test-kit';
import { Attribute, Change, type Client } from 'ldapts';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { follow } from './follower-for-tests.ts';

const change = (operation: 'add' | 'delete' | 'replace', type: string, ...values: string[]) =>
  new Change({ operation, modification: new Attribute({ type, values }) });

let directory: TestDirectory;
let admin: Client;
const dn = (name: string) => `uid=${name},${directory.users}`;
const group = (name: string) => `cn=${name},ou=groups,${directory.base}`;

async function start(options: { users?: number; sessionlog?: number } = {}) {
  directory = await startOpenLdap({ users: 4, ...options });
  onTestFinished(() => directory.stop());
  admin = await directory.connect();
}

describe.each(['openldap', 'other'] as const)('OpenLDAP as %s', (kind) => {
  /** Seconds that a clock may jump ahead. */
  let ahead = 0;
  const followed = (more = {}) =>
    follow(directory, { ...(kind === 'other' && { kind }), now: () => Date.now() + ahead * 1000, ...more });
  beforeEach(() => start());
  afterEach(() => {
    ahead = 0;
  });

  test('the first run brings everybody, the next one nothing', async () => {
    const follower = await followed();
    expect(follower.source.kind).toBe(kind);
    expect(await follower.run()).toEqual({ full: true, told: ['u00001', 'u00002', 'u00003', 'u00004'] });
    expect(follower.valueOf('u00002', 'mail')).toEqual(['u00002@example.test']);
    ahead = 60;
    expect(await follower.run()).toEqual({ full: false, told: [] });
    expect(await follower.run()).toEqual({ full: false, told: [] });
  });

  test('who is added, changed, renamed or moved is told, with the same id', async () => {
    await admin.add(`ou=sales,${directory.base}`, { objectClass: 'organizationalUnit' });
    const follower = await followed();
    await follower.run();
    ahead = 60;
    await follower.run();
    const ids = ['u00001', 'u00002'].map(follower.idOf);
    // Times have whole seconds, and the last one was read to its end.
    await new Promise((resolve) => setTimeout(resolve, 1_050 - (Date.now() % 1000)));
    await admin.modify(dn('u00003'), change('replace', 'displayName', 'Zoë'));
    await admin.modifyDN(dn('u00001'), dn('renamed'));
    await admin.modifyDN(dn('u00002'), `uid=moved,ou=sales,${directory.base}`);
    await admin.add(dn('new'), { objectClass: 'inetOrgPerson', cn: 'New', sn: 'New' });
    expect(await follower.run()).toEqual({ full: false, told: ['moved', 'new', 'renamed', 'u00003'] });
    expect(follower.names()).toEqual(['moved', 'new', 'renamed', 'u00003', 'u00004']);
    expect(follower.valueOf('u00003', 'displayname')).toEqual(['Zoë']);
    expect(['renamed', 'moved'].map(follower.idOf)).toEqual(ids);
  });

  test('who leaves the filter is gone, and comes back', async () => {
    const follower = await followed({ filter: '(&(objectClass=inetOrgPerson)(!(employeeType=guest)))' });
    await follower.run();
    await admin.modify(dn('u00002'), change('add', 'employeeType', 'guest'));
    expect((await follower.run()).told).toContain('gone u00002');
    expect(follower.names()).not.toContain('u00002');
    await admin.modify(dn('u00002'), change('delete', 'employeeType', 'guest'));
    expect((await follower.run()).told).toContain('u00002');
  });

  test('groups follow: members that come, go and were there before, without a change of their own', async () => {
    await admin.add(group('admins'), { objectClass: 'groupOfNames', member: [dn('u00001'), dn('u00003')] });
    const follower = await followed({ groups: [group('admins'), group('missing')] });
    await follower.run();
    expect(follower.groupsOf('u00001')).toEqual([group('admins')]);
    expect(follower.groupsOf('u00002')).toEqual([]);
    await admin.modify(group('admins'), [
      change('add', 'member', dn('u00002')),
      change('delete', 'member', dn('u00001')),
    ]);
    expect((await follower.run()).full).toBe(false);
    expect(['u00001', 'u00002', 'u00003'].map((name) => follower.groupsOf(name)?.length)).toEqual([0, 1, 1]);
  });

  test('a run that was not applied comes again, its groups too', async () => {
    await admin.add(group('admins'), { objectClass: 'groupOfNames', member: dn('u00001') });
    const follower = await followed({ groups: [group('admins')] });
    await follower.run();
    await admin.modify(group('admins'), change('add', 'member', dn('u00002')));
    await admin.modify(dn('u00003'), change('replace', 'displayName', 'Changed'));
    await follower.run({ applied: false });
    await follower.run();
    expect(follower.groupsOf('u00002')).toEqual([group('admins')]);
    expect(follower.valueOf('u00003', 'displayname')).toEqual(['Changed']);
  });

  test('a full run finds who is gone; a cookie of another question or of nobody leads to one', async () => {
    const follower = await followed();
    await follower.run();
    await admin.del(dn('u00001'));
    expect(await follower.run({ full: true })).toEqual({ full: true, told: ['u00002', 'u00003', 'u00004'] });
    expect(follower.names()).toEqual(['u00002', 'u00003', 'u00004']);
    const other = await followed({ attributes: ['cn', 'title'] });
    other.cookie = follower.cookie;
    expect((await other.run()).full).toBe(true);
    for (const bytes of ['', 'nonsense', '{"mark":1}', 'null']) {
      follower.cookie = Buffer.from(bytes);
      expect((await follower.run()).full).toBe(true);
    }
  });

  test('an account with a size limit is told how to lift it, and nothing counts', async () => {
    await directory.stop();
    await start({ users: 600 });
    const follower = await followed({ bind: `cn=limited,${directory.base}` });
    await expect(follower.run()).rejects.toMatchObject({
      code: 'size_limit',
      message: expect.stringContaining('limits'),
    });
    expect(follower.cookie).toBeUndefined();
  });
});

describe('OpenLDAP with syncrepl', () => {
  test('who is deleted is gone with the next run', async () => {
    await start();
    const follower = await follow(directory);
    await follower.run();
    await admin.del(dn('u00001'));
    expect(await follower.run()).toEqual({ full: false, told: ['gone u00001'] });
  });

  test('a group that is deleted has no members any more', async () => {
    await start();
    await admin.add(group('admins'), { objectClass: 'groupOfNames', member: dn('u00001') });
    const follower = await follow(directory, { groups: [group('admins')] });
    await follower.run();
    await admin.del(group('admins'));
    expect((await follower.run()).full).toBe(false);
    expect(follower.groupsOf('u00001')).toEqual([]);
  });

  test.each([
    ['its log of deletions was lost with a restart', 10_000],
    ['it has no log of deletions', 0],
  ])('deletions are found though %s', async (_, sessionlog) => {
    await start({ sessionlog });
    const follower = await follow(directory);
    await follower.run();
    await admin.del(dn('u00001'));
    await directory.restart();
    expect(await follower.run()).toEqual({ full: true, told: ['u00002', 'u00003', 'u00004'] });
    expect(follower.names()).toEqual(['u00002', 'u00003', 'u00004']);
    expect(await follower.run()).toEqual({ full: false, told: [] });
  });

  test('a cookie from later than the server knows, as after a backup was restored, leads to a full run', async () => {
    await start();
    const follower = await follow(directory);
    await follower.run();
    const cookie = JSON.parse(String(follower.cookie));
    const mark = Buffer.from(cookie.mark, 'base64')
      .toString()
      .replace(/csn=\d{4}/, 'csn=2099');
    follower.cookie = Buffer.from(JSON.stringify({ ...cookie, mark: Buffer.from(mark).toString('base64') }));
    await admin.del(dn('u00001'));
    expect(await follower.run()).toEqual({ full: true, told: ['u00002', 'u00003', 'u00004'] });
    expect(await follower.run()).toEqual({ full: false, told: [] });
  });

  test('a wait ends with a change of a person, not with one of anything else, or when it is told to', async () => {
    await start();
    const follower = await follow(directory);
    await follower.run();
    const stopped = new AbortController();
    let ended = 0;
    const wait = async () => {
      await follower.source.waitForChange?.(stopped.signal);
      ended += 1;
    };
    const first = wait();
    await admin.add(`ou=sales,${directory.base}`, { objectClass: 'organizationalUnit' });
    expect(ended).toBe(0);
    await admin.modify(dn('u00001'), change('replace', 'displayName', 'Changed'));
    await first;
    expect((await follower.run()).told).toEqual(['u00001']);
    const second = wait();
    stopped.abort();
    await second;
    expect(ended).toBe(2);
  });
});

test('the people of one branch only, and no base that is not there', async () => {
  await start();
  await admin.add(`ou=sales,${directory.base}`, { objectClass: 'organizationalUnit' });
  const follower = await follow(directory, { base: `ou=sales,${directory.base}` });
  expect((await follower.run()).told).toEqual([]);
  await admin.modifyDN(dn('u00001'), `uid=u00001,ou=sales,${directory.base}`);
  expect((await follower.run()).told).toEqual(['u00001']);
  await admin.modifyDN(`uid=u00001,ou=sales,${directory.base}`, dn('u00001'));
  expect((await follower.run()).told).toEqual(['gone u00001']);
  await expect(follow(directory, { base: 'dc=nowhere' })).rejects.toMatchObject({ code: 'base_missing' });
});
