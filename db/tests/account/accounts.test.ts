import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidValueError } from '../../../packages/back-end/src/index.ts';
import { DOMAIN, type Fixture, HA1, NOON, openFixture, request, uris } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

/** Of the endpoint that `request` makes: its front end can be told. */
const removal = ({ accountId }: { accountId: number }, reason: string) => ({
  endpointId: expect.any(Number),
  ...{ accountId, frontEndId: 1, flow: 'flow-1', instance: null, reason },
});

describe('create_domain', () => {
  it('creates a domain once', async () => {
    const created = await fixture.backEnd.createDomain('example.net');
    expect(created.outcome).toBe('created');
    expect(await fixture.backEnd.createDomain('example.net')).toEqual({ ...created, outcome: 'exists' });
    expect((await fixture.backEnd.listDomains()).map(({ name }) => name)).toEqual([DOMAIN, 'example.net']);
  });

  it('refuses a name that is not in lower case, or empty', async () => {
    await expect(fixture.backEnd.createDomain('Example.net')).rejects.toThrow(InvalidValueError);
    await expect(fixture.backEnd.createDomain('')).rejects.toThrow(InvalidValueError);
  });
});

describe('add_account', () => {
  it('adds an account once, and only to a domain that is served', async () => {
    const account = { user: 'added', domain: DOMAIN, ha1: HA1 };
    const added = await fixture.backEnd.addAccount(account);
    expect(added.outcome).toBe('added');
    expect(await fixture.backEnd.addAccount({ ...account, role: 'admin' })).toEqual({ ...added, outcome: 'exists' });
    expect(await fixture.backEnd.listAccounts({ user: 'added' })).toMatchObject([
      { role: 'user', enabled: true, endpoints: 0 },
    ]);
    expect(await fixture.backEnd.addAccount({ ...account, domain: 'nowhere' })).toEqual({ outcome: 'domain_unknown' });
  });

  it.each([
    ['an empty user part', { user: '' }],
    ['a user part of 256 bytes', { user: 'é'.repeat(128) }],
    ['U+0000', { user: 'a\0b' }],
    ['half of a surrogate pair', { user: 'a\ud800' }],
    ['no HA1', { ha1: {} }],
    ['an HA1 of another length', { ha1: { MD5: '00'.repeat(15) } }],
  ])('refuses %s', async (_, changes) => {
    const account = { user: 'refused', domain: DOMAIN, ha1: HA1, ...changes };
    await expect(fixture.backEnd.addAccount(account)).rejects.toThrow(InvalidValueError);
    expect(await fixture.backEnd.listAccounts({ user: 'refused' })).toEqual([]);
  });
});

describe('import_accounts', () => {
  const row = (user: string, byte: number, domain = DOMAIN) => ({ user, domain, ha1: { MD5: `0${byte}`.repeat(16) } });

  it('adds what is new, changes what differs, leaves what is the same', async () => {
    expect(await fixture.backEnd.importAccounts([row('im-1', 1), row('im-2', 1)])).toEqual(['added', 'added']);
    const again = [row('im-1', 1), row('im-2', 2), row('im-3', 1), row('im-4', 1, 'nowhere')];
    expect(await fixture.backEnd.importAccounts(again)).toEqual(['unchanged', 'changed', 'added', 'domain_unknown']);
    expect(await fixture.backEnd.findCredentials({ user: 'im-2', domain: DOMAIN })).toMatchObject({
      credentialVersion: 2,
      ha1: { MD5: '02'.repeat(16) },
    });
    expect(await fixture.backEnd.findCredentials({ user: 'im-1', domain: DOMAIN })).toMatchObject({
      credentialVersion: 1,
    });
  });

  it('takes the last when an account comes twice', async () => {
    expect(await fixture.backEnd.importAccounts([row('twice', 1), row('twice', 2)])).toEqual(['duplicate', 'added']);
    const found = await fixture.backEnd.findCredentials({ user: 'twice', domain: DOMAIN });
    expect(found?.ha1?.MD5).toEqual('02'.repeat(16));
  });

  it('lets two imports of the same accounts run at once, in opposite order', async () => {
    const rows = Array.from({ length: 200 }, (_, index) => row(`both-${index}`, 1));
    const [one, other] = await Promise.all([
      fixture.backEnd.importAccounts(rows),
      fixture.otherBackEnd.importAccounts(rows.toReversed()),
    ]);
    const added = [...one, ...other].filter((outcome) => outcome === 'added');
    expect(added).toHaveLength(200);
  });
});

describe('set_password', () => {
  it('voids what was verified before', async () => {
    const alice = await fixture.addAccount('alice');
    expect(await fixture.backEnd.setPassword({ ...alice, ha1: { MD5: '07'.repeat(16) } })).toBe('changed');
    expect(await fixture.backEnd.register(request(alice))).toEqual({ outcome: 'credentials_changed' });
    expect(
      (await fixture.backEnd.register(request(alice, { account: { ...alice, credentialVersion: 2 } }))).outcome,
    ).toBe('registered');
    const nobody = { user: 'nobody', domain: DOMAIN, ha1: HA1 };
    expect(await fixture.backEnd.setPassword(nobody)).toBe('account_unknown');
  });
});

describe('set_account_enabled', () => {
  it('takes the endpoints of a disabled account off, and lets it register again when enabled', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice));
    expect(await fixture.backEnd.setAccountEnabled({ ...alice, enabled: false })).toEqual({
      outcome: 'changed',
      removed: [removal(alice, 'disabled')],
      changed: [],
    });
    expect(await fixture.backEnd.setAccountEnabled({ ...alice, enabled: false })).toEqual({
      outcome: 'unchanged',
      removed: [],
      changed: [],
    });
    expect(await fixture.backEnd.register(request(alice))).toEqual({ outcome: 'account_disabled' });
    await fixture.backEnd.setAccountEnabled({ ...alice, enabled: true });
    expect(await fixture.backEnd.register(request(alice))).toEqual({ outcome: 'credentials_changed' });
    const query = request(alice, { account: { ...alice, credentialVersion: 3 }, changes: [] });
    expect(uris(await fixture.backEnd.register(query))).toEqual([]);
    const nobody = { user: 'nobody', domain: DOMAIN, enabled: true };
    expect((await fixture.backEnd.setAccountEnabled(nobody)).outcome).toBe('account_unknown');
  });
});

describe('remove_account', () => {
  it('takes the account and its endpoints off; one of the same name is another', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice));
    expect(await fixture.backEnd.removeAccount(alice)).toEqual({
      outcome: 'removed',
      removed: [removal(alice, 'deleted')],
      changed: [],
    });
    expect(await fixture.backEnd.removeAccount(alice)).toEqual({
      outcome: 'account_unknown',
      removed: [],
      changed: [],
    });
    expect(await fixture.backEnd.findCredentials(alice)).toBeUndefined();
    expect(await fixture.backEnd.register(request(alice))).toEqual({ outcome: 'credentials_changed' });
    const again = await fixture.backEnd.addAccount({ ...alice, ha1: HA1 });
    expect(again).not.toMatchObject({ accountId: alice.accountId });
  });

  it('leaves no endpoint behind when the account registers at the same time', async () => {
    for (let round = 0; round < 20; round++) {
      const alice = await fixture.addAccount('alice');
      await Promise.all([
        fixture.otherBackEnd.register(request(alice)),
        fixture.backEnd.removeAccount(alice),
        fixture.otherBackEnd.register(request(alice, { cseq: 2 })),
      ]);
    }
    const orphans = await fixture.database.query(
      'select from data.endpoint e where not exists (select from data.account a where a.id = e.account_id)',
    );
    expect(orphans).toHaveLength(0);
  });
});

describe('list_accounts and list_endpoints', () => {
  it('come in pages that miss nothing', async () => {
    const accounts = await Promise.all(Array.from({ length: 7 }, () => fixture.addAccount('page')));
    const { domain } = accounts[0]!;
    for (const account of accounts) await fixture.backEnd.register(request(account));

    const listed: string[] = [];
    for (let after = 0; ; ) {
      const page = await fixture.backEnd.listAccounts({ domain, after, limit: 3, now: NOON });
      if (page.length === 0) break;
      listed.push(...page.filter((account) => account.endpoints === 1).map((account) => account.user));
      after = page.at(-1)!.id;
    }
    expect(listed).toEqual(expect.arrayContaining(accounts.map((account) => account.user)));

    const registered: string[] = [];
    for (let after = { accountId: 0, id: 0 }; ; ) {
      const page = await fixture.backEnd.listEndpoints({ after, limit: 2, now: NOON });
      if (page.length === 0) break;
      registered.push(...page.map((endpoint) => endpoint.user));
      after = page.at(-1)!;
    }
    expect(registered).toEqual(expect.arrayContaining(accounts.map((account) => account.user)));
    expect(new Set(registered).size).toBe(registered.length);
  });
});
