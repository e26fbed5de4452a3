// npm run bench -- chaos-directory: a changing OpenLDAP and two replicators, which are killed (-9) again and again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deploy } from '@rollcall/back-end';
import { startLocalDatabase } from '@rollcall/local-database';
import pg from 'pg';
import { runDirectoryChaos } from './chaos/directory/run.ts';
import { writeResult } from './measure/report.ts';
import { FRONT_END_PASSWORD, REPLICATOR_PASSWORD, replicatorUrl } from './servers/rollcall.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    users: { type: 'string', default: '2500' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(`npm run bench -- chaos-directory [--rounds N] [--users N] [--seed N] [--keep]

An OpenLDAP changes (people come, go, are disabled, renamed, moved, and swap addresses) while two replicators follow it. In each round
one of them is killed (-9), or loses its connections, at some piece of data on its way. Then, once the directory is quiet, the accounts
must be what a plain search says. Ends with status 1 unless they are. The same seed takes the same steps; what comes between them differs.`);
  process.exit();
}

const folder = await mkdtemp(join(tmpdir(), 'rollcall-chaos-'));
const database = await startLocalDatabase({ folder: join(folder, 'database'), log: () => {} });
const owner = new pg.Client({ connectionString: database.url });
try {
  await deploy({
    ...{ databaseUrl: database.url, frontEndPassword: FRONT_END_PASSWORD, replicatorPassword: REPLICATOR_PASSWORD },
  });
  await owner.connect();
  const result = await runDirectoryChaos({
    ...{ adminUrl: database.url, databaseUrl: replicatorUrl(database.url), seed: Number(flags.seed) },
    query: async (sql) => (await owner.query(sql)).rows,
    ...{ rounds: Number(flags.rounds), users: Number(flags.users), progress: (text) => console.error(text) },
  });
  const text = [
    `# chaos-directory: ${flags.users} people at first, ${flags.rounds} rounds, seed ${flags.seed}`,
    '',
    '| what | count |',
    '|---|---|',
    `| replicators killed | ${result.kills} |`,
    `| replicators that lost their connections | ${result.cuts} |`,
    `| of both, within a run | ${result.hits} |`,
    `| changes of the directory | ${result.steps} |`,
    `| entries compared | ${result.compared} |`,
    `| until all was equal, at most, s | ${(result.slowest / 1000).toFixed(1)} |`,
    `| broken | ${result.broken.length} |`,
    '',
  ].join('\n');
  console.log(text);
  if (result.broken.length > 0) console.log([...result.broken, '', ...result.trace.slice(-200)].join('\n'));
  if (flags.keep) console.error(`kept as ${await writeResult('chaos-directory', text)}`);
  process.exitCode = result.broken.length > 0 ? 1 : 0;
} finally {
  await owner.end();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}
