// npm run bench -- directory: how long the user replicator takes for a large OpenLDAP, and how much memory.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { deploy, openBackEnd } from '@rollcall/back-end';
import { startLocalDatabase } from '@rollcall/local-database';
import { spawnRollcall, startOpenLdap, type TestDirectory } from '@rollcall/test-kit';
import { Attribute, Change } from 'ldapts';
import pg from 'pg';
import { describeMachine, formatTable, writeResult } from './measure/report.ts';
import { percentile } from './measure/sipp.ts';
import { FRONT_END_PASSWORD, REPLICATOR_PASSWORD, replicatorUrl } from './servers/rollcall.ts';

const { values: flags } = parseArgs({
  options: {
    users: { type: 'string', default: '50000' },
    cycles: { type: 'string', default: '15' },
    changes: { type: 'string', default: '1000' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(`npm run bench -- directory [--users N] [--cycles N] [--changes N] [--keep]

An OpenLDAP with so many people: how long the first synchronisation and a full comparison take, each as a process that ends; then,
of a replicator that runs every second, how long a cycle takes when nothing has changed, and how long it takes until changes are
accounts. Memory is the highest that the process has had resident.`);
  process.exit();
}
const [users, cycles, changes] = [Number(flags.users), Number(flags.cycles), Number(flags.changes)];

const folder = await mkdtemp(join(tmpdir(), 'rollcall-directory-'));
const database = await startLocalDatabase({ folder: join(folder, 'database'), log: () => {} });
const owner = new pg.Client({ connectionString: database.url });
let directory: TestDirectory | undefined;

interface Measured {
  seconds: number;
  /** Highest resident memory, bytes. */
  peak: number;
}

function spawnReplicator({ url, base, bind, password }: TestDirectory, ...more: string[]) {
  const at = ['--directory-url', url, '--directory-base', base, '--directory-bind-dn', bind];
  const child = spawnRollcall(['user-replicator', '--http-port', '0', ...at, ...more], {
    env: {
      ...process.env,
      ROLLCALL_DATABASE_URL: replicatorUrl(database.url),
      ROLLCALL_DIRECTORY_PASSWORD: password,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      output = (output + text).slice(-4000);
    });
  }
  return { child, output: () => output };
}

/** Runs it to its end. */
async function runOnce(from: TestDirectory, ...more: string[]): Promise<Measured> {
  const started = performance.now();
  const { child, output } = spawnReplicator(from, '--once', ...more);
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, peakBytes(child.pid!));
  }, 20);
  const [status] = await once(child, 'close');
  clearInterval(watch);
  if (status !== 0) throw new Error(`rollcall user-replicator ended with ${status}:\n${output()}`);
  return { seconds: (performance.now() - started) / 1000, peak };
}

/** VmHWM of proc(5), and 0 when it has ended. */
function peakBytes(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

async function one<Row>(sql: string): Promise<Row> {
  return (await owner.query(sql)).rows[0] as Row;
}

/** ms of runs that find nothing to do. */
async function idleCycles(count: number): Promise<number[]> {
  const times = new Map<number, number>();
  while (times.size < count) {
    await sleep(100);
    const run = await one<{ started: Date; ended: Date | null; entries: number | null }>(
      `select run_started_at as started, run_ended_at as ended, (counts->>'entries')::int as entries from data.directory
        where run_ended_at >= run_started_at`,
    );
    if (run?.ended && !run.entries) times.set(run.started.getTime(), run.ended.getTime() - run.started.getTime());
  }
  return [...times.values()];
}

/** @returns s from the last change until all of them are in the back end */
async function changeSome(at: TestDirectory, count: number): Promise<{ asking: number; seconds: number }> {
  const client = await at.connect();
  const started = performance.now();
  for (let n = 1; n <= count; n++) {
    const dn = `uid=u${String(n).padStart(5, '0')},${at.users}`;
    const [type, value] =
      n % 10 === 0
        ? ['pwdAccountLockedTime', '000001010000Z']
        : n % 10 === 1
          ? ['mail', `m${n}@example.test`]
          : ['title', 'New'];
    const modification = new Attribute({ type, values: [value!] });
    await client.modify(dn, new Change({ operation: 'replace', modification }));
  }
  const asked = performance.now();
  const done = `select count(*)::int as done from data.directory_entry e join data.account a on a.id = e.account_id
    left join data.person p on p.account_id = a.id where p.title = 'New' or not a.enabled or a.user_part ~ '^m'`;
  while ((await one<{ done: number }>(done)).done < count) await sleep(50);
  return { asking: (asked - started) / 1000, seconds: (performance.now() - asked) / 1000 };
}

try {
  await deploy({
    ...{ databaseUrl: database.url, frontEndPassword: FRONT_END_PASSWORD, replicatorPassword: REPLICATOR_PASSWORD },
  });
  await owner.connect();
  const backEnd = await openBackEnd({ databaseUrl: database.url, connections: 1 });
  await backEnd.createDomain('example.test');
  await backEnd.close();
  directory = await startOpenLdap({ users });
  const first = await runOnce(directory);
  const { count } = await one<{ count: number }>('select count(*)::int as count from data.account where enabled');
  if (count !== users) throw new Error(`${count} accounts, not ${users}`);
  const unchanged = await runOnce(directory);
  const full = await runOnce(directory, '--full');
  const { child, output } = spawnReplicator(directory, '--directory-schedule', '* * * * * *');
  try {
    // As autovacuum does after a minute; runs then keep plans for tables as they are between runs.
    await owner.query('vacuum analyze');
    const idle = await idleCycles(cycles);
    const changed = await changeSome(directory, changes);
    const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);
    const rows = [
      ['what', 'time', 'memory MiB'],
      [`first synchronisation of ${users}`, `${first.seconds.toFixed(1)} s`, megabytes(first.peak)],
      [
        'the same again, nothing changed (with the start of the process)',
        `${unchanged.seconds.toFixed(1)} s`,
        megabytes(unchanged.peak),
      ],
      ['full comparison', `${full.seconds.toFixed(1)} s`, megabytes(full.peak)],
      ['idle cycle, median', `${percentile(idle, 0.5)} ms`, megabytes(peakBytes(child.pid!))],
      ['idle cycle, longest', `${Math.max(...idle)} ms`, ''],
      [
        `${changes} changes, from the last one (made in ${changed.asking.toFixed(1)} s)`,
        `${changed.seconds.toFixed(1)} s`,
        megabytes(peakBytes(child.pid!)),
      ],
    ];
    const text = [
      `# directory: ${users} people in OpenLDAP`,
      '',
      formatTable(rows),
      '',
      describeMachine({ OpenLDAP: 'slapd of Debian 12 (2.5)' }),
      '',
    ].join('\n');
    console.log(text);
    if (flags.keep) console.error(`kept as ${await writeResult('directory', text)}`);
  } catch (error) {
    console.error(output());
    throw error;
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
  }
} finally {
  await directory?.stop();
  await owner.end();
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}
