// npm run bench -- chaos-presence: presence across two front ends that are killed (-9) one after the other.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deploy } from '@rollcall/back-end';
import { startLocalDatabase } from '@rollcall/local-database';
import pg from 'pg';
import { explain, runPresenceChaos } from './chaos/presence/run.ts';
import { writeResult } from './measure/report.ts';
import { FRONT_END_PASSWORD, frontEndUrl } from './servers/rollcall.ts';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    round: { type: 'string', default: '15' },
    accounts: { type: 'string', default: '16' },
    'kill-every': { type: 'string', default: '4' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(`npm run bench -- chaos-presence [--minutes N] [--round SECONDS] [--accounts N] [--kill-every SECONDS] [--seed N] [--keep]

Accounts publish, watch each other, and change rules and contacts over two front ends, one of which is killed (-9) now and then and
started anew, or hangs for seconds (SIGSTOP), or which lose their connections to the database. After each round, when nothing is sent any more, each watcher must hold what the rules and publications say. Ends with
status 1 unless that is so, each CSeq rises, and no row is left that belongs to nobody. The same seed takes the same steps; what
comes between them differs.`);
  process.exit();
}

const folder = await mkdtemp(join(tmpdir(), 'rollcall-chaos-'));
const database = await startLocalDatabase({ folder: join(folder, 'database'), log: () => {} });
const owner = new pg.Client({ connectionString: database.url });
try {
  await deploy({ databaseUrl: database.url, frontEndPassword: FRONT_END_PASSWORD });
  await owner.connect();
  const seconds = Number(flags.round);
  const result = await runPresenceChaos({
    ...{
      adminUrl: database.url,
      databaseUrl: frontEndUrl(database.url),
      domains: ['pool.test', 'other.test'],
      seconds,
    },
    query: async (sql) => (await owner.query(sql)).rows,
    accounts: Number(flags.accounts),
    seed: Number(flags.seed),
    // Of a round a few seconds more are quiet.
    rounds: Math.max(1, Math.round((Number(flags.minutes) * 60) / (seconds + 5))),
    killEvery: Number(flags['kill-every']),
    progress: (text) => console.error(text),
  });
  const text = [
    `# chaos-presence: ${flags.accounts} accounts on two front ends for ${flags.minutes} min, seed ${flags.seed}`,
    '',
    '| what | count |',
    '|---|---|',
    `| kills | ${result.kills} |`,
    `| front ends that hung for 1 to 5 s | ${result.hangs} |`,
    `| cuts of all connections to the database | ${result.cuts} |`,
    `| steps | ${result.steps} |`,
    `| notifications | ${result.notifications} |`,
    `| events of HTTP streams | ${result.events} |`,
    `| subscriptions and answers compared | ${result.compared} |`,
    `| broken | ${result.broken.length} |`,
    '',
  ].join('\n');
  console.log(text);
  if (result.broken.length > 0) console.log(explain(result));
  if (flags.keep) console.error(`kept as ${await writeResult('chaos-presence', text)}`);
  process.exitCode = result.broken.length > 0 ? 1 : 0;
} finally {
  await owner.end();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}
