import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openBackEnd } from '@rollcall/back-end';
import { startOpenLdap, type TestDirectory } from '@rollcall/test-kit';
import { Chance } from '../presence/random.ts';
import type { Query } from '../presence/rows.ts';
import { listPeople } from './listed.ts';
import { findMismatches, type Held } from './model.ts';
import { People } from './people.ts';
import { type Replica, startReplica } from './replica.ts';
import { readHeld } from './rows.ts';
import { BY_HAND, changeMany, FILTER, takeStep } from './steps.ts';
import { breakOne } from './trouble.ts';

export interface DirectoryChaosOptions {
  /** Of the database's owner. */
  adminUrl: string;
  /** With the name and password of the replicators. */
  databaseUrl: string;
  /** Rows as objects, as the database's owner. */
  query: Query;
  /** Entries at the beginning; more than 1,000 take several batches. */
  users: number;
  /** In each a replica is killed or loses its connections, and then everything is compared. */
  rounds: number;
  seed: number;
  progress?(text: string): void;
}

export interface DirectoryChaosResult {
  kills: number;
  cuts: number;
  /** Changes of the directory. */
  steps: number;
  /** Entries that were compared, all rounds together. */
  compared: number;
  /** Kills and cuts while a run had something to write. */
  hits: number;
  /** ms from the end of the changes until all was equal, the longest of all rounds. */
  slowest: number;
  broken: string[];
  trace: string[];
}

const DOMAINS = ['example.test', 'other.test'];
const SETTLE_MS = 30_000;

interface Bed {
  directory: TestDirectory;
  people: People;
  replicas: Replica[];
  chance: Chance;
  start(): Promise<Replica>;
  /** The account of each entry, which it keeps. */
  owners: Map<string, string>;
}

/** A directory changes while two replicas follow it, one of which is killed (-9) or cut off in each round. */
export async function runDirectoryChaos(options: DirectoryChaosOptions): Promise<DirectoryChaosResult> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-chaos-'));
  const chance = new Chance(options.seed);
  const directory = await startOpenLdap({ users: options.users, sessionlog: chance.happens(0.5) ? 10_000 : 0 });
  const result: DirectoryChaosResult = {
    ...{ kills: 0, cuts: 0, steps: 0, compared: 0, hits: 0, slowest: 0, broken: [], trace: [] },
  };
  const replicas: Replica[] = [];
  try {
    const people = await People.open(directory, options.users, chance);
    await addByHand(options.adminUrl);
    const mapping = join(folder, 'mapping.json');
    await writeFile(mapping, JSON.stringify({ groups: [{ dn: people.administrators, role: 'admin' }] }));
    const flags = [
      ...['--directory-mapping', mapping, '--directory-filter', FILTER, '--directory-schedule', '* * * * * *'],
      ...['--directory-disable-limit', '100'],
    ];
    const start = () => startReplica({ databaseUrl: options.databaseUrl, directory, flags });
    replicas.push(await start(), await start());
    const bed: Bed = { directory, people, replicas, chance, start, owners: new Map() };
    for (let round = 1; round <= options.rounds && result.broken.length === 0; round++) {
      await playRound(bed, options, round, result);
      options.progress?.(
        `round ${round}: ${result.steps} changes, ${result.kills} kills, ${result.cuts} cuts, ${result.hits} within a run, ` +
          `${result.compared} compared, ${result.broken.length} broken`,
      );
    }
    return result;
  } finally {
    for (const replica of replicas) await replica.kill();
    await directory.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function addByHand(adminUrl: string): Promise<void> {
  const backEnd = await openBackEnd({ databaseUrl: adminUrl, connections: 1 });
  try {
    for (const domain of DOMAINS) await backEnd.createDomain(domain);
    const [user, alias] = BY_HAND.map((address) => address.split('@')[0]!) as [string, string];
    const domain = DOMAINS[0]!;
    await backEnd.addAccount({ user, domain, role: 'admin', ha1: { MD5: '0'.repeat(32) } });
    await backEnd.addAlias({ account: { user, domain }, alias: { user: alias, domain } });
  } finally {
    await backEnd.close();
  }
}

async function playRound(
  { directory, people, replicas, chance, start, owners }: Bed,
  { query, users }: DirectoryChaosOptions,
  round: number,
  result: DirectoryChaosResult,
): Promise<void> {
  const kind = chance.happens(0.8) ? 'kill' : 'cut';
  const many = chance.happens(0.2);
  const large = many || round === 1;
  // Around a commit, or anywhere.
  const where = chance.happens(0.4)
    ? { most: large ? 3 : 2, words: 'apply_directory_changes' }
    : { most: large ? 200 : 50 };
  const breaks = () => breakOne(replicas, chance, { ...where, kind });
  let broken = round === 1 ? breaks() : undefined;
  const steps = Math.floor(chance.between(3, 60));
  const beginsAt = Math.floor(chance.between(0, steps));
  // The first round is the first synchronisation, of everything.
  for (let step = 0; step < steps && round > 1; step++) {
    const said = many && step === 1 ? await changeMany(people, chance, users) : await takeStep(people, chance);
    result.trace.push(`${round} ${said}`);
    result.steps += 1;
    if (step >= beginsAt) broken ??= breaks();
  }
  const { replica, pieces } = await broken!;
  const before = await query('select run_started_at, run_ended_at from data.directory');
  const { run_started_at: started, run_ended_at: ended } = before[0]!;
  if (started && (!ended || (ended as Date) < (started as Date))) result.hits += 1;
  result.trace.push(`${round} ${kind} of ${replica.child.pid} after ${pieces} pieces`);
  result[kind === 'kill' ? 'kills' : 'cuts'] += 1;
  if (kind === 'kill') replicas[replicas.indexOf(replica)] = await start();

  const quietAt = performance.now();
  const listed = await listPeople(directory, {
    ...{ filter: FILTER, administrators: people.administrators, domains: DOMAINS },
  });
  const compare = async () => {
    const held = await readHeld(query);
    return [...findMismatches(listed, held, new Set(BY_HAND.slice(0, 1))), ...findChangedOwners(held, owners)];
  };
  let wrong = await compare();
  while (wrong.length > 0 && performance.now() - quietAt < SETTLE_MS) {
    await sleep(100);
    wrong = await compare();
  }
  result.slowest = Math.max(result.slowest, performance.now() - quietAt);
  // And it stays so: another run finds nothing to do.
  if (wrong.length === 0) {
    const { added, changed, disabled, removed } = await nextRun(query);
    const did = JSON.stringify({ added, changed, disabled, removed });
    wrong = await compare();
    if (added + changed + disabled + removed > 0) wrong.push(`a run when nothing had changed did ${did}`);
  }
  result.compared += listed.length;
  result.broken.push(...wrong.slice(0, 20).map((what) => `round ${round}: ${what}`));
  if (wrong.length > 0) {
    const [state] = await query(
      'select run_outcome, run_error, counts, run_started_at, run_ended_at from data.directory',
    );
    result.broken.push(JSON.stringify(state), ...replicas.map((one) => one.output().slice(-2000)));
  }
  for (const one of replicas) if (!one.running) result.broken.push(`a replica has ended: ${one.output().slice(-2000)}`);
}

/** An account goes only with its entry, after the grace; no entry gets another one. */
function findChangedOwners(held: Held, owners: Map<string, string>): string[] {
  return held.entries.flatMap(({ id, accountId }) => {
    const known = owners.get(id);
    if (accountId !== null && known === undefined) owners.set(id, accountId);
    return known !== undefined && known !== accountId ? [`${id} had account ${known}, and has ${accountId}`] : [];
  });
}

type Counts = Record<'added' | 'changed' | 'disabled' | 'removed', number>;

/** Waits for a run that begins after now. @returns what it did */
async function nextRun(query: Query): Promise<Counts> {
  const [now] = await query('select now()::text as now');
  for (let waited = 0; waited < SETTLE_MS; waited += 50) {
    const [run] = await query(`select counts from data.directory
      where run_started_at > '${now!.now}' and run_ended_at >= run_started_at and run_outcome = 'applied'`);
    if (run) return run.counts as Counts;
    await sleep(50);
  }
  throw new Error('no run begins any more');
}
