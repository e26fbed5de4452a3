/**
 * What a notification costs below SIP: api.publish and api.take_notifications through packages/back-end, on the embedded PostgreSQL.
 *
 *   node bench/back-end-notify.ts [--watchers 1000] [--limit 500] [--publications 50] [--rounds 3]
 *
 * All watch one account, whose note changes each time; all are taken before it changes again. Prints rate and CPU µs a
 * notification in Node and in PostgreSQL (all its processes), and how many updates were HOT.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BackEnd, deploy, openBackEnd } from '../packages/back-end/src/index.ts';
import { startLocalDatabase } from '../packages/local-database/src/index.ts';
import { openClient } from '../packages/test-kit/src/index.ts';
import { importBenchAccounts, postgresCpu } from './load/back-end.ts';

const { values: flags } = parseArgs({
  options: {
    watchers: { type: 'string', default: '1000' },
    limit: { type: 'string', default: '500' },
    publications: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
  },
});
const watchers = Number(flags.watchers);
const publications = Number(flags.publications);
const target = { user: 'user1', domain: 'example.org' };
const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const database = await startLocalDatabase({ folder });
await deploy({ databaseUrl: database.url });
const backEnd = await openBackEnd({ databaseUrl: database.url });
let etag: string | undefined;
let notes = 0;
try {
  await importBenchAccounts(backEnd, watchers + 1);
  await Promise.all(Array.from({ length: watchers }, (_, index) => watch(index + 2)));
  await takeAll(backEnd);
  for (let round = 0; round < Number(flags.rounds); round++) await measure(backEnd);
} finally {
  await backEnd.close();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}

async function watch(accountId: number): Promise<void> {
  const contact = `sip:user${accountId}@10.0.0.1:5060`;
  const { outcome } = await backEnd.subscribe({
    ...{ actor: { accountId, credentialVersion: 1 }, target, isList: false, event: 'presence', expires: 3600 },
    dialog: {
      ...{ callId: `${accountId}-83f09ad1c2b74e05@10.0.0.1`, remoteTag: 'a73kszlfl', remoteCseq: 1, routeSet: [] },
      ...{ localUri: 'sip:user1@example.org', remoteUri: `sip:user${accountId}@example.org` },
      ...{ localTarget: 'sip:10.0.0.2:5060', remoteTarget: contact },
    },
    place: { frontEndId: 1, transport: 'UDP', flow: `f${accountId.toString(36)}`, receivedFrom: '10.0.0.1:5060' },
  });
  if (outcome !== 'subscribed') throw new Error(outcome);
}

async function takeAll(from: BackEnd): Promise<number> {
  let taken = 0;
  for (let more = true; more; ) {
    const outcome = await from.takeNotifications({ frontEndId: 1, accountIds: [1], limit: Number(flags.limit) });
    taken += outcome.notifications.length;
    more = outcome.more;
  }
  return taken;
}

async function measure(from: BackEnd): Promise<void> {
  const started = {
    time: performance.now(),
    node: process.cpuUsage(),
    postgres: await postgresCpu(database.processId),
  };
  for (let publication = 0; publication < publications; publication++) {
    const state = { open: true, note: `note ${++notes}` };
    const actor = { accountId: 1, credentialVersion: 1 };
    const outcome = await from.publish({
      actor,
      target,
      event: 'presence',
      state,
      expires: 3600,
      ...(etag && { etag }),
    });
    if (outcome.outcome !== 'published') throw new Error(outcome.outcome);
    etag = outcome.etag;
    const taken = await takeAll(from);
    if (taken !== watchers) throw new Error(`${taken} notifications`);
  }
  const notifications = publications * watchers;
  const seconds = (performance.now() - started.time) / 1000;
  const node = process.cpuUsage(started.node);
  const postgres = (await postgresCpu(database.processId)) - started.postgres;
  console.log(
    [
      `${Math.round(notifications / seconds)}/s`.padStart(9),
      `Node ${((node.user + node.system) / notifications).toFixed(1)} µs`.padStart(14),
      `PostgreSQL ${(postgres / notifications).toFixed(1)} µs`.padStart(19),
      await hot(),
    ].join('  '),
  );
}

async function hot(): Promise<string> {
  const client = await openClient(database.url);
  try {
    const { rows } = await client.query(`
      select relname, n_tup_hot_upd as hot, n_tup_upd as updates, pg_total_relation_size(relid) / 1e6 as size
      from pg_stat_user_tables where relname in ('subscription', 'watch') order by relname`);
    return rows
      .map(({ relname, hot, updates, size }) => `${relname} ${Number(size).toFixed(1)} MB, HOT ${hot}/${updates}`)
      .join('; ');
  } finally {
    await client.end();
  }
}
