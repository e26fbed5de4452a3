import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BackEnd, openBackEnd } from '@rollcall/back-end';
import { type FrontEndSettings, frontEndSettings, type RunningFrontEnd, startFrontEnd } from '@rollcall/front-end';
import { createLog, createMetrics } from '@rollcall/process';
import {
  createTestDatabase,
  openClient,
  type SipAccount,
  SipClient,
  type SipConnectionOptions,
} from '@rollcall/test-kit';

export const DOMAIN = 'example.org';

/** Front ends in this process on a real PostgreSQL, for one test file. */
export interface FrontEndPool {
  readonly backEnd: BackEnd;
  /** The first front end. */
  readonly frontEnd: RunningFrontEnd;
  /** With the name and password of the front ends. */
  readonly databaseUrl: string;
  /** What all front ends have logged, one JSON object a line. */
  log(): string;
  addFrontEnd(settings?: Partial<FrontEndSettings>): Promise<RunningFrontEnd>;
  addAccount(user: string, password?: string): Promise<SipAccount>;
  setPassword(account: SipAccount, password: string): Promise<SipAccount>;
  /** Makes requests that change this account wait in the back end. */
  hold(account: SipAccount): Promise<HeldAccount>;
  /** A client of an account of its own, on UDP, at the first front end; unless told otherwise. */
  client(options?: ClientOptions): Promise<SipClient>;
  /** The value of a sample of /metrics, e.g. `rollcall_sip_dropped_total{reason="runt"}`; 0 when it is not there. */
  metric(sample: string): Promise<number>;
  stop(): Promise<void>;
}

export interface HeldAccount {
  /** Resolves when a request waits for it. */
  awaited(): Promise<void>;
  release(): Promise<void>;
}

export interface ClientOptions extends Omit<SipConnectionOptions, 'to'> {
  account?: SipAccount;
  frontEnd?: RunningFrontEnd;
}

/** `databaseUrls`: of a deployed database; a fresh one of the test run by default. */
export async function startFrontEndPool(
  settings: Partial<FrontEndSettings> = {},
  databaseUrls?: { url: string; frontEndUrl: string },
): Promise<FrontEndPool> {
  const database = databaseUrls ? { ...databaseUrls, drop: async () => {} } : await createTestDatabase();
  const backEnd = await openBackEnd({ databaseUrl: database.url, connections: 1 });
  await backEnd.createDomain(DOMAIN);

  let logged = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk;
      done();
    },
  });
  const log = createLog({ level: 'trace', destination, pretty: false });
  const frontEnds: RunningFrontEnd[] = [];
  const clients: SipClient[] = [];
  const addFrontEnd = async (own: Partial<FrontEndSettings> = {}) => {
    const all = frontEndSettings.parse({
      ...{ databaseUrl: database.frontEndUrl, domain: DOMAIN, sipPort: 0, sipsPort: 0, httpPort: 0 },
      ...settings,
      ...own,
    });
    const frontEnd = await startFrontEnd({ settings: all, log, metrics: createMetrics() });
    frontEnds.push(frontEnd);
    return frontEnd;
  };
  const frontEnd = await addFrontEnd();

  let accounts = 0;
  const accountIds = new Map<string, number>();
  const addAccount = async (user: string, password = `password of ${user}`) => {
    const account = { user, domain: DOMAIN, password };
    const added = await backEnd.addAccount({ user, domain: DOMAIN, ha1: ha1s(account) });
    if (added.outcome === 'added') accountIds.set(user, added.accountId);
    return account;
  };
  return {
    backEnd,
    frontEnd,
    databaseUrl: database.frontEndUrl,
    log: () => logged,
    addFrontEnd,
    addAccount,
    async setPassword(account, password) {
      const changed = { ...account, password };
      await backEnd.setPassword({ user: account.user, domain: DOMAIN, ha1: ha1s(changed) });
      return changed;
    },
    async hold({ user }) {
      const client = await openClient(database.url);
      await client.query('begin');
      // It locks the accounts of its batch until the transaction ends.
      await client.query('select api.use_nonce($1, $2, $3, $4)', [[accountIds.get(user)], [1], [null], [null]]);
      const waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
      return {
        async awaited() {
          while ((await client.query(waiting)).rowCount === 0) await sleep(10);
        },
        async release() {
          await client.query('rollback');
          await client.end();
        },
      };
    },
    async client({ account, frontEnd: chosen = frontEnd, transport = 'UDP', ...options } = {}) {
      accounts += account ? 0 : 1;
      const to = chosen.addresses[transport.toLowerCase() as 'udp' | 'tcp' | 'tls' | 'ws'];
      const owner = account ?? (await addAccount(`user${accounts}`));
      const client = await SipClient.open(owner, { transport, to, ...options });
      clients.push(client);
      return client;
    },
    async metric(sample) {
      const text = await (await fetch(`http://${frontEnd.addresses.http}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(`${sample} `));
      return line === undefined ? 0 : Number(line.slice(sample.length + 1));
    },
    async stop() {
      for (const client of clients) await client.close().catch(() => {});
      for (const one of frontEnds) await one.stop();
      await backEnd.close();
      await database.drop();
    },
  };
}

function ha1s({ user, domain, password }: SipAccount) {
  const ha1 = (algorithm: string) => createHash(algorithm).update(`${user}:${domain}:${password}`).digest('hex');
  return { MD5: ha1('md5'), 'SHA-256': ha1('sha256'), 'SHA-512-256': ha1('sha512-256') };
}
