// npm run bench -- logon-storm: everyone logs on at once through two front ends: registers, publishes, and subscribes to the
// own contact list, each over a TCP connection. Each list is checked against what its contacts have published.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openPool } from './logon-storm/pool.ts';
import { report } from './logon-storm/report.ts';
import { contactsOf, User } from './logon-storm/user.ts';
import { cpuSeconds } from './measure/cpu.ts';
import { writeResult } from './measure/report.ts';

/** Seconds. */
const PATIENCE = 60;

const { values: flags } = parseArgs({
  options: {
    users: { type: 'string', default: '1000' },
    contacts: { type: 'string', default: '50' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const HELP = `npm run bench -- logon-storm [--users N] [--contacts N] [--keep]

  --users N     who log on at once, half of them at each front end (1000)
  --contacts N  on the list of each, all of them users of the storm (50)
  --keep        writes the table to bench/results/`;

if (flags.help) console.log(HELP);
else await run(Number(flags.users), Number(flags.contacts));

async function run(count: number, contacts: number): Promise<void> {
  const pool = await openPool(count, contacts);
  const users = Array.from({ length: count }, (_, index) => new User(index));
  for (const user of users) {
    (user.contacts as User[]).push(...contactsOf(user.index, count, contacts).map((contact) => users[contact]!));
  }
  try {
    const roots = [pool.frontEnds.map((one) => one.process), [pool.database.processId]];
    const before = roots.map(cpuSeconds);
    const start = performance.now();
    const refused = await logOn(
      users,
      pool.frontEnds.map(({ addresses }) => addresses.tcp),
    );
    const all = await until(start, () => users.every((user) => user.toldAt > 0));
    const settled = await until(start, () => users.every((user) => user.knowsAll()));
    const [server, database] = roots.map((root, index) => cpuSeconds(root) - before[index]!);
    const text = report(users, contacts, { start, refused, all, settled, server: server!, database: database! });
    console.log(text);
    if (flags.keep) console.error(`kept as ${await writeResult('logon-storm', text)}`);
    const wrong = users.some(({ problems }) => problems.length > 0);
    if (refused.length > 0 || wrong || all === undefined || settled === undefined) process.exitCode = 1;
  } finally {
    for (const user of users) user.logOff();
    await pool.stop();
  }
}

/** All at once. @returns why some could not */
async function logOn(users: readonly User[], targets: readonly string[]): Promise<string[]> {
  const refused: string[] = [];
  await Promise.all(
    users.map((user) =>
      user.logOn(targets[user.index % targets.length]!).catch((error: unknown) => refused.push(String(error))),
    ),
  );
  return refused;
}

/** Seconds since the start when it came true; undefined: not in time. */
async function until(start: number, isSo: () => boolean): Promise<number | undefined> {
  while (!isSo()) {
    if (performance.now() - start > PATIENCE * 1000) return undefined;
    await sleep(20);
  }
  return (performance.now() - start) / 1000;
}
