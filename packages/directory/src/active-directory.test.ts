import { canRunSamba, startSamba, type TestDirectory } from '@rollcall/test-kit';
import { Attribute, Change, type Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { follow } from './follower-for-tests.ts';

const change = (operation: 'add' | 'delete' | 'replace', type: string, ...values: string[]) =>
  new Change({ operation, modification: new Attribute({ type, values }) });

describe.skipIf(!canRunSamba)('Active Directory by DirSync', () => {
  let directory: TestDirectory;
  let admin: Client;
  const dn = (name: string) => `CN=${name},${directory.users}`;
  const attributes = ['cn', 'displayName', 'userAccountControl', 'mail'];
  const followed = (more = {}) => follow(directory, { attributes, ...more });

  beforeAll(async () => {
    directory = await startSamba({ users: 12 });
    admin = await directory.connect();
  }, 120_000);
  afterAll(() => directory?.stop());

  test('the first run brings everybody and no computers, the next one nothing', async () => {
    const follower = await followed();
    expect(follower.source.kind).toBe('active-directory');
    const { full, told } = await follower.run();
    expect(full).toBe(true);
    expect(told.filter((name) => name.startsWith('User '))).toHaveLength(12);
    expect(told).toContain('svc-sync');
    expect(told).not.toContain('DC1');
    expect(await follower.run()).toEqual({ full: false, told: [] });
    expect(follower.idOf('User 00001')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test('a change of one attribute brings the entry whole', async () => {
    const follower = await followed();
    await follower.run();
    await admin.modify(dn('User 00001'), change('replace', 'displayName', 'Zoë'));
    expect(await follower.run()).toEqual({ full: false, told: ['User 00001'] });
    expect(follower.valueOf('User 00001', 'displayname')).toEqual(['Zoë']);
    expect(follower.valueOf('User 00001', 'mail')).toEqual(['u00001@example.test']);
    await admin.modify(dn('User 00001'), change('delete', 'mail'));
    await follower.run();
    expect(follower.valueOf('User 00001', 'mail')).toBeUndefined();
  });

  test('who is renamed or moved keeps the id', async () => {
    await admin.add(`OU=Sales,${directory.base}`, { objectClass: 'organizationalUnit' });
    const follower = await followed();
    await follower.run();
    const ids = ['User 00002', 'User 00003'].map(follower.idOf);
    await admin.modifyDN(dn('User 00002'), dn('Renamed'));
    await admin.modifyDN(dn('User 00003'), `CN=User 00003,OU=Sales,${directory.base}`);
    expect(await follower.run()).toEqual({ full: false, told: ['Renamed', 'User 00003'] });
    expect(['Renamed', 'User 00003'].map(follower.idOf)).toEqual(ids);
    expect([...follower.entries.values()].find(({ id }) => id === ids[1])?.dn).toContain('OU=Sales');
  });

  test('who is disabled and enabled again is told both times', async () => {
    const follower = await followed();
    await follower.run();
    for (const value of ['514', '512']) {
      await admin.modify(dn('User 00004'), change('replace', 'userAccountControl', value));
      expect(await follower.run()).toEqual({ full: false, told: ['User 00004'] });
      expect(follower.valueOf('User 00004', 'useraccountcontrol')).toEqual([value]);
    }
  });

  test('who is deleted is gone; one made anew with the same name is somebody else, in the same run too', async () => {
    const follower = await followed();
    await follower.run();
    const before = follower.idOf('User 00005');
    await admin.del(dn('User 00005'));
    await admin.add(dn('User 00005'), { objectClass: 'user', sAMAccountName: 'u00005' });
    expect(await follower.run()).toEqual({ full: false, told: ['User 00005', 'gone User 00005'] });
    expect(follower.idOf('User 00005')).not.toBe(before);
    await admin.del(dn('User 00006'));
    expect(await follower.run()).toEqual({ full: false, told: ['gone User 00006'] });
  });

  test('who leaves the filter or the base is gone, and comes back', async () => {
    const follower = await followed({
      base: directory.users,
      filter: '(&(objectClass=user)(msRTCSIP-UserEnabled=TRUE))',
      attributes: [...attributes, 'msRTCSIP-UserEnabled'],
    });
    await follower.run();
    expect(follower.names()).not.toContain('svc-sync');
    await admin.modify(dn('User 00007'), change('replace', 'msRTCSIP-UserEnabled', 'FALSE'));
    await admin.modifyDN(dn('User 00008'), `CN=User 00008,CN=Users,${directory.base}`);
    expect((await follower.run()).told).toEqual(['gone User 00007', 'gone User 00008']);
    await admin.modify(dn('User 00007'), change('replace', 'msRTCSIP-UserEnabled', 'TRUE'));
    await admin.modifyDN(`CN=User 00008,CN=Users,${directory.base}`, dn('User 00008'));
    expect((await follower.run()).told).toEqual(['User 00007', 'User 00008']);
  });

  test('groups follow, with members of groups within them', async () => {
    const outer = `CN=Outer,CN=Users,${directory.base}`;
    const inner = `CN=Inner,CN=Users,${directory.base}`;
    await admin.add(inner, { objectClass: 'group', sAMAccountName: 'inner', member: dn('User 00009') });
    await admin.add(outer, { objectClass: 'group', sAMAccountName: 'outer', member: [inner, dn('User 00010')] });
    const follower = await followed({ groups: [outer] });
    await follower.run();
    expect(follower.groupsOf('User 00009')).toEqual([outer]);
    expect(follower.groupsOf('User 00010')).toEqual([outer]);
    await admin.modify(inner, [
      change('delete', 'member', dn('User 00009')),
      change('add', 'member', dn('User 00011')),
    ]);
    expect((await follower.run()).full).toBe(false);
    expect(['User 00009', 'User 00010', 'User 00011'].map((name) => follower.groupsOf(name)?.length)).toEqual([
      0, 1, 1,
    ]);
    await admin.del(outer);
    await follower.run();
    expect(follower.groupsOf('User 00010')).toEqual([]);
  });

  test('a cookie that the server does not take leads to a full run', async () => {
    const follower = await followed();
    await follower.run();
    const cookie = JSON.parse(String(follower.cookie));
    follower.cookie = Buffer.from(JSON.stringify({ ...cookie, mark: Buffer.from('no cookie').toString('base64') }));
    expect((await follower.run()).full).toBe(true);
  });

  test('without the right to replicate it can be read as any other server', async () => {
    const follower = await followed({ kind: 'other', bind: 'u00012@example.test' });
    await follower.run();
    expect(follower.names()).toContain('User 00012');
    await admin.modify(dn('User 00012'), change('replace', 'displayName', 'Changed'));
    expect((await follower.run()).told).toContain('User 00012');
    expect(follower.valueOf('User 00012', 'displayname')).toEqual(['Changed']);
    const strict = await followed({ bind: 'u00012@example.test' });
    await expect(strict.run()).rejects.toMatchObject({ code: 'refused' });
  });
});
