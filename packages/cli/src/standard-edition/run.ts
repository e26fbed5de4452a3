import { join, resolve } from 'node:path';
import { deploy, openBackEnd } from '@rollcall/back-end';
import { startFrontEnd } from '@rollcall/front-end';
import { checkFolderIsFree, startLocalDatabase } from '@rollcall/local-database';
import { createMetrics, type Log, type Opened, runUntilStopped } from '@rollcall/process';
import { loginUrl, newPassword, stopDatabase } from '../own-database.ts';
import { startOwnReplicator } from '../replicator/own-replicator.ts';
import { findHome } from './first-start.ts';
import { checkPorts } from './ports.ts';
import type { StandardEditionSettings } from './settings.ts';
import type { SampleAccount, Welcome } from './welcome.ts';

export interface StandardEditionOptions {
  settings: StandardEditionSettings;
  log: Log;
  /** Told when clients can connect. */
  onReady(welcome: Omit<Welcome, 'dataFlag'>): void;
  /** Told of a first start's accounts when it fails after having made them: nobody would learn their passwords later. */
  onAccountsWithoutServer(accounts: readonly SampleAccount[]): void;
}

/** Runs a Standard Edition until it is stopped. @returns the exit status */
export async function runStandardEdition(options: StandardEditionOptions): Promise<number> {
  return await runUntilStopped({ log: options.log }, (opened) => start(options, opened));
}

async function start({ settings, log, onReady, onAccountsWithoutServer }: StandardEditionOptions, opened: Opened) {
  const data = resolve(settings.data);
  // In this order: a second start finds its ports taken too, but by the server that it should be told of.
  await checkFolderIsFree(data);
  await checkPorts(settings);

  const database = await startLocalDatabase({ folder: data, log: (line) => log.info(line) });
  opened.add('database', stopDatabase(database, opened));

  // Neither the front end nor the replicator is a superuser: they log in with passwords that live as long as this process.
  const [frontEndPassword, replicatorPassword] = [newPassword(), newPassword()];
  await deploy({ databaseUrl: database.url, frontEndPassword, replicatorPassword });
  const admin = await openBackEnd({ databaseUrl: database.url, connections: 1 });
  const home = await findHome(admin, settings.askedDomain).finally(() => admin.close());

  const metrics = createMetrics();
  try {
    const frontEnd = await startFrontEnd({
      settings: {
        ...settings,
        databaseUrl: loginUrl(database.url, 'rollcall_front_end', frontEndPassword),
        domain: home.domain,
        dataFolder: join(data, 'tls'),
      },
      log,
      metrics,
    });
    opened.add('front end', () => frontEnd.stop());
    const replicatorUrl = loginUrl(database.url, 'rollcall_replicator', replicatorPassword);
    await startOwnReplicator({ settings: { ...settings, databaseUrl: replicatorUrl }, log, metrics }, opened);
    onReady({ ...home, data, addresses: frontEnd.addresses, selfSigned: settings.tlsCert === undefined });
  } catch (error) {
    if (home.accounts.length > 0) onAccountsWithoutServer(home.accounts);
    throw error;
  }
}
