// npm run bench -- address-book: searches over HTTP, as clients send them while their users type, in a pool whose people come
// from a directory.

import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { openBackEnd } from '@rollcall/back-end';
import { startLocalDatabase } from '@rollcall/local-database';
import { type BenchPerson, benchPeople } from './address-book/people.ts';
import { QUERIES } from './address-book/queries.ts';
import { seeded } from './chaos/presence/random.ts';
import { cpuSeconds } from './measure/cpu.ts';
import { describeMachine, formatTable, writeResult } from './measure/report.ts';
import { loadRollcall, startRollcall } from './servers/rollcall.ts';

const DOMAIN = 'example.org';
const PASSWORD = 'bench';
const WARM_UP = 300;

const { values: flags } = parseArgs({
  options: {
    people: { type: 'string', default: '50000' },
    searches: { type: 'string', default: '6000' },
    clients: { type: 'string', default: '4' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (flags.help) {
  console.log(`npm run bench -- address-book [--people N] [--searches N] [--clients N] [--keep]

  --people N    in the directory (50000)
  --searches N  of all kinds, by turns (6000)
  --clients N   that search at once, each the next when it has its answer (4)
  --keep        writes the table to bench/results/`);
} else await run(Number(flags.people), Number(flags.searches), Number(flags.clients));

async function run(count: number, searches: number, clients: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
  const database = await startLocalDatabase({ folder: join(folder, 'database'), log: () => {} });
  try {
    const random = seeded(1);
    await loadRollcall(database.url, DOMAIN, ['searcher'], () => PASSWORD);
    const people = benchPeople(count, DOMAIN, random);
    const applied = await fill(database.url, people);
    const server = await startRollcall(database.url, DOMAIN);
    try {
      const token = await signIn(server.addresses.http);
      const roots = [[server.process], [database.processId]];
      const before = roots.map(cpuSeconds);
      const measured = await search(server.addresses.http, token, { people, searches, clients, random });
      const cpu = roots.map((root, index) => ((cpuSeconds(root) - before[index]!) * 1000) / (searches + WARM_UP));
      const read = await readAll(server.addresses.http, token);
      const report = [
        `# Address book, ${count} people, ${clients} clients\n`,
        describeMachine({}),
        `\n${formatTable(rows(measured))}\n`,
        `CPU of a search: front end ${cpu[0]!.toFixed(1)} ms, PostgreSQL ${cpu[1]!.toFixed(1)} ms. Load of the machine at the end: ${loadavg()[0]!.toFixed(1)}.\n`,
        `The directory's first run wrote them in ${applied.toFixed(1)} s; a client reads all of them in ${read.toFixed(1)} s.\n`,
      ].join('\n');
      console.log(report);
      if (flags.keep) console.error(`kept as ${await writeResult('address-book', report)}`);
    } finally {
      await server.stop();
    }
  } finally {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** As the user replicator does it. @returns seconds */
async function fill(databaseUrl: string, people: readonly BenchPerson[]): Promise<number> {
  const backEnd = await openBackEnd({ databaseUrl, statementTimeout: 60_000 });
  const lock = await backEnd.lockDirectory({ holder: 'bench' });
  if (!lock.locked) throw new Error('the directory is locked');
  await lock.beginDirectoryRun({ full: true });
  const start = performance.now();
  for (let first = 0; first < people.length; first += 1000) {
    await lock.stageDirectoryChanges(
      people.slice(first, first + 1000).map((person) => ({ kind: 'person', person, groups: [] })),
    );
  }
  const { outcome } = await lock.applyDirectoryChanges({
    full: true,
    cookie: Buffer.from('x'),
    disableLimitPercent: 10,
  });
  if (outcome !== 'applied') throw new Error(outcome);
  await lock.release();
  await backEnd.close();
  return (performance.now() - start) / 1000;
}

interface Load {
  people: readonly BenchPerson[];
  searches: number;
  clients: number;
  random: () => number;
}

/** @returns ms of each search, by kind */
async function search(address: string, token: string, load: Load): Promise<Map<string, number[]>> {
  const { people, searches, clients, random } = load;
  const kinds = Object.entries(QUERIES);
  const measured = new Map<string, number[]>(kinds.map(([kind]) => [kind, []]));
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  let next = 0;
  const client = async () => {
    for (let turn = next++; turn < WARM_UP + searches; turn = next++) {
      const [kind, make] = kinds[turn % kinds.length]!;
      const query = make(people[Math.floor(random() * people.length)]!, random);
      const start = performance.now();
      await ask(address, `/v1/address-book?q=${encodeURIComponent(query)}`, token, agent);
      if (turn >= WARM_UP) measured.get(kind)!.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return measured;
}

/** @returns seconds */
async function readAll(address: string, token: string): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const start = performance.now();
  for (let since = ''; ; ) {
    const { version, more } = await ask(address, `/v1/address-book?limit=1000${since}`, token, agent);
    if (!more) break;
    since = `&since=${version}`;
  }
  agent.destroy();
  return (performance.now() - start) / 1000;
}

function ask(address: string, path: string, token: string, agent: Agent): Promise<{ version: string; more: boolean }> {
  return new Promise((resolve, reject) => {
    get(`http://${address}${path}`, { agent, headers: { authorization: `Bearer ${token}` } }, async (answer) => {
      const body = await text(answer);
      if (answer.statusCode === 200) resolve(JSON.parse(body));
      else reject(new Error(`${path}: ${answer.statusCode} ${body}`));
    }).on('error', reject);
  });
}

async function signIn(address: string): Promise<string> {
  const answer = await fetch(`http://${address}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: `searcher@${DOMAIN}`, password: PASSWORD }),
  });
  return ((await answer.json()) as { accessToken: string }).accessToken;
}

function rows(measured: Map<string, number[]>): string[][] {
  const row = (kind: string, times: readonly number[]) => {
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1);
    return [kind, String(sorted.length), at(0.5), at(0.99), at(1)];
  };
  return [
    ['search', 'times', 'p50 ms', 'p99 ms', 'slowest ms'],
    ...Array.from(measured, ([kind, times]) => row(kind, times)),
    row('**all**', [...measured.values()].flat()),
  ];
}
