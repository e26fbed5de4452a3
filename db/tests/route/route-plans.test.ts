import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BackEnd, openBackEnd, type RouteRequest } from '../../../packages/back-end/src/index.ts';
import { at, contact, DOMAIN, type Fixture, HA1, openFixture, request } from '../fixture.ts';

const ACCOUNTS = 10_000;
const BATCH = 100;
const TABLES = ['access_rule', 'account', 'account_alias', 'domain', 'endpoint'];

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

interface Reads {
  relname: string;
  seq_tup_read: string;
  idx_tup_fetch: string;
}

/** By turns all that a request may name: an address, an alias, GRUUs, a dialog's endpoint that is there and one that is not. */
function requests(
  { id, user }: { id: number; user: string },
  endpoint: { id: number; incarnation: number },
): RouteRequest[] {
  const targets: RouteRequest['target'][] = [
    { user, domain: DOMAIN },
    { user: `alias-${id}`, domain: DOMAIN },
    { user, domain: DOMAIN, instance: `<urn:${id}>` },
    { accountId: id, endpointId: endpoint.id, incarnation: endpoint.incarnation },
    { accountId: id, endpointId: endpoint.id, instanceHash: '', uri: '' },
    { accountId: id, endpointId: 1, instanceHash: '', uri: `sip:alice@phone-${id}` },
  ];
  const from = `alias-${id}@${DOMAIN}`;
  return targets.map((target) => ({
    ...{ caller: { accountId: id, credentialVersion: 1 }, from, checkFrom: true, target, now: at(10) },
  }));
}

it('reads a few rows by index for each request, with plans made while the tables were empty, and when full, never analyzed', async () => {
  for (const table of TABLES) await fixture.database.query(`alter table data.${table} set (autovacuum_enabled = off)`);
  // One connection, and so one set of plans.
  const early = await openBackEnd({ databaseUrl: fixture.database.url, connections: 1 });
  const outcomes = (backEnd: BackEnd, of: RouteRequest[]) => Promise.all(of.map((one) => backEnd.route(one)));
  for (let round = 0; round < 10; round++)
    await outcomes(early, requests({ id: 1, user: 'many-1' }, { id: 1, incarnation: 1 }));

  const users = Array.from({ length: ACCOUNTS }, (_, index) => ({
    user: `many-${index + 1}`,
    domain: DOMAIN,
    ha1: HA1,
  }));
  for (let start = 0; start < ACCOUNTS; start += 1_000)
    await fixture.backEnd.importAccounts(users.slice(start, start + 1_000));
  await fixture.database.query(`
    insert into data.account_alias (domain_id, user_part, account_id) select domain_id, 'alias-' || id, id from data.account;
    insert into data.access_rule (account_id, scope, subject, communication)
    select id, 'user', 'mallory@example.org', 'deny' from data.account`);
  const register = (accountId: number) => {
    const changes = [contact(`phone-${accountId}`, { instance: `<urn:${accountId}>` })];
    return fixture.backEnd.register(request({ accountId }, { changes }));
  };
  const accounts = await fixture.backEnd.listAccounts({ limit: ACCOUNTS });
  const all = await Promise.all(accounts.map(({ id }) => register(id)));
  const asked = all.flatMap((outcome, index) => {
    if (outcome.outcome !== 'registered') throw new Error(outcome.outcome);
    return index % (ACCOUNTS / BATCH) === 0 ? requests(accounts[index]!, outcome.endpoints[0]!) : [];
  });

  const later = await openBackEnd({ databaseUrl: fixture.database.url, connections: 1 });
  for (const backEnd of [early, later]) {
    await flush(backEnd);
    const before = await reads();
    for (const outcome of await outcomes(backEnd, asked))
      expect(outcome).toMatchObject({ outcome: 'routed', endpoints: [{}] });
    await flush(backEnd);
    const after = await reads();
    for (const [index, { relname, seq_tup_read, idx_tup_fetch }] of after.entries()) {
      expect(Number(seq_tup_read) - Number(before[index]?.seq_tup_read), `${relname} read in sequence`).toBe(0);
      const fetched = Number(idx_tup_fetch) - Number(before[index]?.idx_tup_fetch);
      expect(fetched, `${relname} read by index`).toBeGreaterThanOrEqual(BATCH);
      expect(fetched, `${relname} read by index`).toBeLessThan(asked.length * 6);
    }
    await backEnd.close();
  }
});

const reads = () =>
  fixture.database.query<Reads>(`
    select relname, seq_tup_read, idx_tup_fetch from pg_stat_user_tables
    where relname in (${TABLES.map((table) => `'${table}'`).join(', ')}) order by relname`);

/** A session reports its counts when it has been idle for a second. */
async function flush(backEnd: BackEnd): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await backEnd.listDomains();
  await fixture.database.query('select pg_stat_clear_snapshot()');
}
