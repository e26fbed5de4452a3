// npm run bench -- chaos: messages across a pool whose front ends are killed (-9) one after the other.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLocalDatabase } from '@rollcall/local-database';
import { runChaos } from './chaos/messages.ts';
import { writeResult } from './measure/report.ts';
import { passwordOf } from './relay/accounts.ts';
import { frontEndUrl, loadRollcall } from './servers/rollcall.ts';

const DOMAIN = 'pool.test';

const { values: flags } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    'front-ends': { type: 'string', default: '3' },
    'per-second': { type: 'string', default: '200' },
    pairs: { type: 'string', default: '60' },
    'kill-every': { type: 'string', default: '5' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(`npm run bench -- chaos [--minutes N] [--front-ends N] [--per-second N] [--pairs N] [--kill-every SECONDS] [--keep]

Phones send each other messages over N front ends, one of which is killed (-9) now and then and started anew. Ends with status 1
unless each message is with its receiver exactly once, or its sender has no 2xx.`);
  process.exit();
}

const folder = await mkdtemp(join(tmpdir(), 'rollcall-chaos-'));
const database = await startLocalDatabase({ folder: join(folder, 'database'), log: () => {} });
try {
  const names = Array.from({ length: Number(flags.pairs) }, (_, index) => `u${index + 1}`);
  const account = (user: string) => ({ user, domain: DOMAIN, password: passwordOf(user) });
  const pairs = names.map((name) => ({ from: account(`from-${name}`), to: account(`to-${name}`) }));
  await loadRollcall(
    database.url,
    DOMAIN,
    pairs.flatMap(({ from, to }) => [from.user, to.user]),
    passwordOf,
  );
  const result = await runChaos({
    databaseUrl: frontEndUrl(database.url),
    domain: DOMAIN,
    pairs,
    frontEnds: Number(flags['front-ends']),
    perSecond: Number(flags['per-second']),
    seconds: Number(flags.minutes) * 60,
    killEvery: Number(flags['kill-every']),
    progress: (text) => console.error(text),
  });
  const { kills, sent, counts, broken } = result;
  const told = Object.entries(counts).map(([what, count]) => `| ${what} | ${count} |`);
  const text = [
    `# chaos: ${flags['per-second']} messages/s over ${flags['front-ends']} front ends for ${flags.minutes} min, ${kills} kills`,
    '',
    '| what | messages |',
    '|---|---|',
    `| sent | ${sent} |`,
    ...told,
    `| promised and not with their receiver exactly once | ${broken.length} |`,
    '',
    ...broken.slice(0, 20),
    '',
  ].join('\n');
  console.log(text);
  if (flags.keep) console.error(`kept as ${await writeResult('chaos', text)}`);
  process.exitCode = broken.length > 0 ? 1 : 0;
} finally {
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}
