import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { deploy, openBackEnd } from '@rollcall/back-end';
import { findCertificate } from '@rollcall/front-end';
import { checkFolderIsFree, startLocalDatabase } from '@rollcall/local-database';
import { createMetrics, type Log, type Opened, runUntilStopped } from '@rollcall/process';
import { loginUrl, newPassword, stopDatabase } from '../own-database.ts';
import { startOwnReplicator } from '../replicator/own-replicator.ts';
import { findHome } from '../standard-edition/first-start.ts';
import { checkPorts } from '../standard-edition/ports.ts';
import type { SampleAccount } from '../standard-edition/welcome.ts';
import { requireHaproxy } from './balancer-process.ts';
import { type PoolAddresses, prepareBalancers } from './balancers.ts';
import { frontEndProcess } from './front-end-process.ts';
import { findPlaces } from './places.ts';
import { roleLogin } from './role-login.ts';
import type { PoolSettings } from './settings.ts';
import type { Supervised } from './supervised.ts';

/** What is told when clients can connect. */
export interface PoolReady {
  domain: string;
  data: string;
  addresses: PoolAddresses;
  /** Of the front-end processes; they change when one is started again. */
  frontEnds: number[];
  accounts: readonly SampleAccount[];
}

export interface PoolOptions {
  settings: PoolSettings;
  log: Log;
  onReady(ready: PoolReady): void;
  /** Told of a first start's accounts when it fails after having made them: nobody would learn their passwords later. */
  onAccountsWithoutServer(accounts: readonly SampleAccount[]): void;
}

/** How long stopping may take after the drain, ms. */
const STOP_MS = 25_000;

/** Runs a pool on this machine until it is stopped. @returns the exit status */
export async function runPool(options: PoolOptions): Promise<number> {
  const deadline = options.settings.drainSeconds * 1000 + STOP_MS;
  return await runUntilStopped({ log: options.log, deadline }, (opened) => start(options, opened));
}

async function start({ settings, log, onReady, onAccountsWithoutServer }: PoolOptions, opened: Opened) {
  const data = resolve(settings.data);
  await requireHaproxy();
  if (settings.askedDatabase === undefined) await checkFolderIsFree(data);
  await checkPorts(settings);

  // 1. The back end.
  const { adminUrl, frontEndUrl, replicatorUrl } = await openDatabase(settings, data, log, opened);
  const admin = await openBackEnd({ databaseUrl: adminUrl, connections: 1 });
  const home = await findHome(admin, settings.askedDomain).finally(() => admin.close());

  try {
    // 2. Front ends, each on an address of its own, with one certificate.
    const tlsFolder = join(data, 'tls');
    const certificate = await findCertificate({ ...settings, domain: home.domain, dataFolder: tlsFolder }, log);
    const places = await findPlaces(data);
    const { addresses, processes } = await prepareBalancers(settings, places, certificate, join(data, 'pool'), log);
    const frontEnds = Array.from({ length: settings.frontEnds }, (_, index) =>
      frontEndProcess({
        number: index + 1,
        ...{ places, databaseUrl: frontEndUrl, redisUrl: settings.redisUrl, domain: home.domain, tlsFolder },
        ...{ flags: settings.frontEndFlags, directoryEnv: settings.directoryEnv, log },
      }),
    );
    opened.add('front ends', () => stopAll(frontEnds));
    await Promise.all(frontEnds.map((one) => one.start()));

    const http = { host: '127.0.0.1', port: settings.replicatorPort };
    const replicator = await startOwnReplicator(
      { settings: { ...settings, databaseUrl: replicatorUrl }, log, metrics: createMetrics(), http },
      opened,
    );

    // 3. The balancers, which are the first to go: then nobody is sent to a front end that stops.
    opened.add('balancers', () => stopAll(processes));
    await Promise.all(processes.map((one) => one.start()));
    onReady({
      ...home,
      data,
      addresses: { ...addresses, ...(replicator && { replicator }) },
      frontEnds: frontEnds.map((one) => one.processId!),
    });
  } catch (error) {
    if (home.accounts.length > 0) onAccountsWithoutServer(home.accounts);
    throw error;
  }
}

/** The pool's own PostgreSQL, or the one that was named, deployed. */
async function openDatabase(settings: PoolSettings, data: string, log: Log, opened: Opened) {
  const { askedDatabase, frontEnds } = settings;
  if (askedDatabase !== undefined) {
    await mkdir(data, { recursive: true });
    await deploy({ databaseUrl: askedDatabase });
    return {
      adminUrl: askedDatabase,
      frontEndUrl: await roleLogin(askedDatabase, 'rollcall_front_end', log),
      replicatorUrl:
        settings.directoryUrl === undefined
          ? askedDatabase
          : await roleLogin(askedDatabase, 'rollcall_replicator', log),
    };
  }
  const database = await startLocalDatabase({
    folder: data,
    log: (line) => log.info(line),
    // Each front end has up to ten connections; some are for the command line.
    settings: { max_connections: 30 + 10 * frontEnds },
  });
  opened.add('database', stopDatabase(database, opened));
  // Neither front ends nor the replicator are superusers: they log in with passwords that live as long as this process.
  const [frontEndPassword, replicatorPassword] = [newPassword(), newPassword()];
  await deploy({ databaseUrl: database.url, frontEndPassword, replicatorPassword });
  return {
    adminUrl: database.url,
    frontEndUrl: loginUrl(database.url, 'rollcall_front_end', frontEndPassword),
    replicatorUrl: loginUrl(database.url, 'rollcall_replicator', replicatorPassword),
  };
}

async function stopAll(processes: readonly Supervised[]): Promise<void> {
  await Promise.all(processes.map((one) => one.stop()));
}
