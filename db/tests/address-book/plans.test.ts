import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBackEnd } from '../../../packages/back-end/src/index.ts';
import { DOMAIN, type Fixture, HA1, openFixture } from '../fixture.ts';

const PEOPLE = 5000;
const INDEXES = ['account_user_part_lower', 'person_names', 'person_names_trigrams', 'person_version', 'person_words'];

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

it('searches and lists by index, with plans made while the tables were empty, and when full, never analyzed', async () => {
  for (const table of ['account', 'directory_entry', 'person'])
    await fixture.database.query(`alter table data.${table} set (autovacuum_enabled = off)`);
  const early = await openBackEnd({ databaseUrl: fixture.database.url, connections: 1 });
  const ask = async (backEnd = early) => {
    // A name, another word, something like a name, an address.
    for (const query of ['person 77', 'sales 77', 'persson77', 'user-77'])
      await backEnd.searchPeople({ readerId: 1, query, limit: 20 });
    await backEnd.listPeople({ readerId: 1, limit: 20, known: { version: 0, after: { accountId: 1, base: 0 } } });
    await backEnd.findPerson({ readerId: 1, address: { user: 'user-77', domain: DOMAIN } });
  };
  for (let round = 0; round < 6; round++) await ask();

  for (let first = 1; first <= PEOPLE; first += 1000) {
    const users = Array.from({ length: 1000 }, (_, index) => `user-${first + index}`);
    await fixture.backEnd.importAccounts(users.map((user) => ({ user, domain: DOMAIN, ha1: HA1 })));
  }
  await fixture.database.query(`
    insert into data.person (account_id, address, display_name, department, phones, hidden, version)
    select id, user_part || '@${DOMAIN}', 'Person ' || id, 'Sales', '[]', false, id from data.account`);

  const later = await openBackEnd({ databaseUrl: fixture.database.url, connections: 1 });
  for (const backEnd of [early, later]) {
    await flush(backEnd);
    const before = await scans();
    await ask(backEnd);
    await flush(backEnd);
    const after = await scans();
    expect(after.read - before.read, 'rows read in sequence').toBe(0);
    for (const name of INDEXES) expect(after.index[name]! - before.index[name]!, name).toBeGreaterThan(0);
    await backEnd.close();
  }
});

async function scans(): Promise<{ read: number; index: Record<string, number> }> {
  const tables = await fixture.database.query<{ read: string }>(
    "select sum(seq_tup_read) as read from pg_stat_user_tables where relname in ('account', 'directory_entry', 'person')",
  );
  const rows = await fixture.database.query<{ name: string; scans: string }>(
    "select indexrelname as name, idx_scan as scans from pg_stat_user_indexes where schemaname = 'data'",
  );
  return { read: Number(tables[0]!.read), index: Object.fromEntries(rows.map((row) => [row.name, Number(row.scans)])) };
}

/** A session reports its counts when it has been idle for a second. */
async function flush(backEnd: Fixture['backEnd']): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await backEnd.listDomains();
  await fixture.database.query('select pg_stat_clear_snapshot()');
}
