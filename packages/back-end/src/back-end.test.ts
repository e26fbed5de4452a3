import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contact, type Fixture, openFixture, request, uris } from '../../../db/tests/fixture.ts';
import { startLocalDatabase } from '../../local-database/src/index.ts';
import { createTestDatabase } from '../../test-kit/src/index.ts';
import {
  BackEndUnavailableError,
  deploy,
  InvalidValueError,
  NotDeployedError,
  OverloadedError,
  openBackEnd,
} from './index.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

describe('a request that cannot be stored', () => {
  it.each([
    ['U+0000 in the Call-ID', { callId: 'a\0b' }],
    ['U+0000 in the User-Agent', { userAgent: '\0' }],
    ['half of a surrogate pair in a Contact', { changes: [contact('\ud800')] }],
    ['U+0000 in a Path', { changes: [contact('phone', { path: ['<sip:\0>'] })] }],
    ['a CSeq of 33 bits', { cseq: 2 ** 32 }],
    ['a time beyond all calendars', { changes: [contact('phone', { expires: 2 ** 31 })] }],
    ['a nonce id of 64 bits', { nonce: { id: 2n ** 63n, count: 1 } }],
    ['a number that is none', { frontEndId: Number.NaN }],
  ])('is refused alone: %s', async (_, changes) => {
    const [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
    const [refused, registered] = await Promise.allSettled([
      fixture.backEnd.register(request(alice, changes)),
      fixture.backEnd.register(request(bob)),
    ]);
    expect(refused).toMatchObject({ reason: expect.any(InvalidValueError) });
    expect(registered).toMatchObject({ value: { outcome: 'registered' } });
  });

  it('does not keep its batch mates from registering when only PostgreSQL finds it out', async () => {
    const constraint = "alter table data.endpoint add constraint poison check (uri <> 'sip:alice@poison')";
    await fixture.database.query(constraint);
    const accounts = await Promise.all(Array.from({ length: 5 }, () => fixture.addAccount()));
    const results = await Promise.allSettled(
      accounts.map((account, index) => {
        const changes = [contact(index === 2 ? 'poison' : 'phone')];
        return fixture.backEnd.register(request(account, { nonce: { id: 7n, count: 1 }, changes }));
      }),
    );
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(results[2]).toMatchObject({ reason: expect.any(InvalidValueError) });
  });
});

describe('a back end that is not there', () => {
  it('makes calls fail with a typed error while PostgreSQL is stopped, and work again after it has started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-back-end-'));
    let database = await startLocalDatabase({ folder });
    const port = Number(new URL(database.url).port);
    await deploy({ databaseUrl: database.url });
    const backEnd = await openBackEnd({ databaseUrl: database.url });
    const alice = { user: 'alice', domain: 'example.org' };
    await backEnd.createDomain(alice.domain);
    const added = await backEnd.addAccount({ ...alice, ha1: { MD5: '00'.repeat(16) } });
    if (added.outcome !== 'added') throw new Error(added.outcome);
    await backEnd.register(request(added));

    await database.stop();
    await expect(backEnd.register(request(added, { cseq: 2 }))).rejects.toThrow(BackEndUnavailableError);
    await expect(backEnd.findCredentials(alice)).rejects.toThrow(BackEndUnavailableError);
    await expect(backEnd.listDomains()).rejects.toThrow(BackEndUnavailableError);

    database = await startLocalDatabase({ folder, port });
    expect(uris(await backEnd.register(request(added, { cseq: 2 })))).toEqual(['sip:alice@phone']);
    await backEnd.close();
    await database.stop();
    await rm(folder, { recursive: true });
  });

  it('gives up when the server takes the connection and is silent', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const backEnd = await openBackEnd({
      databaseUrl: `postgresql://nobody@127.0.0.1:${port}/none`,
      connectTimeout: 200,
    });
    await expect(backEnd.listDomains()).rejects.toThrow(BackEndUnavailableError);
    await backEnd.close();
    silent.close();
  });

  it('says when the database is not deployed', async () => {
    const url = new URL(fixture.database.url);
    url.pathname = '/template1';
    const backEnd = await openBackEnd({ databaseUrl: url.href });
    await expect(backEnd.listDomains()).rejects.toThrow(NotDeployedError);
    await backEnd.close();
  });
});

it('gives a statement up after its time, and frees the connection', async () => {
  const alice = await fixture.addAccount('alice');
  const backEnd = await openBackEnd({ databaseUrl: fixture.database.url, connections: 1, statementTimeout: 200 });
  const holder = await fixture.database.connect();
  await holder.query('begin');
  await holder.query('select from data.account where id = $1 for no key update', [alice.accountId]);
  await expect(backEnd.register(request(alice))).rejects.toThrow(BackEndUnavailableError);
  await holder.query('rollback');
  expect((await backEnd.register(request(alice))).outcome).toBe('registered');
  await backEnd.close();
});

it('rejects requests past the bound of the queue and serves the others', async () => {
  const accounts = await Promise.all(Array.from({ length: 6 }, () => fixture.addAccount()));
  const backEnd = await openBackEnd({ databaseUrl: fixture.database.url, batch: { maximumQueue: 4 } });
  const results = await Promise.allSettled(accounts.map((account) => backEnd.register(request(account))));
  expect(results.map(({ status }) => status)).toEqual([...Array(4).fill('fulfilled'), 'rejected', 'rejected']);
  expect(results[5]).toMatchObject({ reason: expect.any(OverloadedError) });
  await backEnd.close();
});

it('finishes what waits when it is closed', async () => {
  const accounts = await Promise.all(Array.from({ length: 20 }, () => fixture.addAccount()));
  const backEnd = await openBackEnd({ databaseUrl: fixture.database.url, batch: { maximumBatch: 3 } });
  const outcomes = Promise.all(accounts.map((account) => backEnd.register(request(account))));
  await backEnd.close();
  expect((await outcomes).every(({ outcome }) => outcome === 'registered')).toBe(true);
});

it('goes on when a deploy gives a procedure another result, on every connection that had prepared it', async () => {
  const database = await createTestDatabase();
  const backEnd = await openBackEnd({ databaseUrl: database.url, connections: 3 });
  await backEnd.createDomain('example.org');
  const calls = () => Promise.all(Array.from({ length: 9 }, () => backEnd.listDomains()));
  await calls();
  await database.query(`
    begin;
    drop function api.list_domains;
    create function api.list_domains() returns table (domain_id int, name text, accounts bigint, more int) language sql
    as $$ select id, name, 0::bigint, 1 from data.domain $$;
    commit`);
  for (const domains of await calls()) expect(domains).toMatchObject([{ name: 'example.org' }]);
  await backEnd.close();
  await database.drop();
});
