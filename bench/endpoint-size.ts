/**
 * Whether the tables stay flat: registers every account once and refreshes all of them ten times, with real register
 * calls, and lets the reaper pass after each round as it would in ten minutes. Prints sizes after each round.
 *
 *   node bench/endpoint-size.ts [--accounts 100000] [--rounds 10]
 *
 * Ends with status 1 when the endpoint table and its indexes take more than 150 MB per 100,000 endpoints, or have grown
 * by more than a tenth since the second round.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deploy, openBackEnd } from '../packages/back-end/src/index.ts';
import { startLocalDatabase } from '../packages/local-database/src/index.ts';
import { openClient } from '../packages/test-kit/src/index.ts';
import { endpointSize, importBenchAccounts, refreshAll } from './load/back-end.ts';

const { values: flags } = parseArgs({
  options: { accounts: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '10' } },
});
const accounts = Number(flags.accounts);
const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const database = await startLocalDatabase({ folder });
await deploy({ databaseUrl: database.url });
const backEnd = await openBackEnd({ databaseUrl: database.url });
const client = await openClient(database.url);
try {
  await importBenchAccounts(backEnd, accounts);
  const sizes: number[] = [];
  for (let round = 0; round <= Number(flags.rounds); round++) {
    const now = new Date(Date.UTC(2027, 0, 1) + round * 500_000);
    await refreshAll(backEnd, accounts, round, now);
    while ((await backEnd.removeExpiredEndpoints({ now, limit: 1_000 })).more);
    const { rows } = await client.query("select pg_total_relation_size('data.endpoint')::int as bytes");
    sizes.push(rows[0].bytes);
    console.log(`round ${String(round).padStart(2)}  ${await endpointSize(database.url)}`);
  }
  const last = sizes.at(-1)!;
  if (last > 1_500 * accounts || last > 1.1 * sizes[2]!) process.exitCode = 1;
} finally {
  await client.end();
  await backEnd.close();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}
