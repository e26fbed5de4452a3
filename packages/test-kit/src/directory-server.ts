import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from 'ldapts';
import { answers, freePort } from './ports.ts';

/** A real directory server of its own, with the sample users u00001, u00002 and so on. */
export interface TestDirectory {
  readonly url: string;
  /** The same server where every connection begins with TLS (OpenLDAP: `url` without, for StartTLS). */
  readonly secureUrl: string;
  readonly base: string;
  /** The container of the users. */
  readonly users: string;
  /** The account that replicates: it may read everything, deletions too. */
  readonly bind: string;
  /** The account that may change everything. */
  readonly admin: string;
  /** Of all accounts. */
  readonly password: string;
  /** PEM file to verify TLS with. */
  readonly ca: string;
  /** A connection as `admin`; ended by `stop`. */
  connect(): Promise<Client>;
  /** Ends as an administrator would, and starts again with the same data on the same port. */
  restart(): Promise<void>;
  /** As a crash would end it; `start` serves the same data again. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const SCRIPTS = fileURLToPath(new URL('../directory/', import.meta.url));
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;
const STARTS_WITHIN_MS = 30_000;

/** Samba serves LDAP at the usual ports only, which are root's. */
export const canRunSamba = process.getuid?.() === 0;

/**
 * OpenLDAP with syncprov, memberof and ppolicy. The account `cn=limited` sees 500 entries at most.
 *
 * @param options.sessionlog how many deletions it remembers until it ends; 0: it lists what is there instead
 */
export async function startOpenLdap(options: { users?: number; sessionlog?: number } = {}): Promise<TestDirectory> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-openldap-'));
  await run('openldap-prepare', [folder, `${options.users ?? 100}`, `${options.sessionlog ?? 10_000}`]);
  const [port, securePort] = [await freePort(), await freePort()];
  const base = 'dc=example,dc=test';
  const [url, secureUrl] = [`ldap://127.0.0.1:${port}`, `ldaps://127.0.0.1:${securePort}`];
  return serve({
    folder,
    command: ['slapd', '-d', '0', '-f', join(folder, 'slapd.conf'), '-h', `${url} ${secureUrl}`],
    answers: () => answers(port),
    facts: {
      ...{ url, secureUrl, base, users: `ou=people,${base}`, password: 'secret', ca: join(folder, 'cert.pem') },
      ...{ bind: `cn=replicator,${base}`, admin: `cn=admin,${base}` },
    },
  });
}

/**
 * Samba as an Active Directory domain controller, at an address of its own in 127.0.0.0/8; as root, see `canRunSamba`.
 * About 7 s, and 20 ms for each user. Simple binds need TLS.
 */
export async function startSamba(options: { users?: number } = {}): Promise<TestDirectory> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-samba-'));
  const address = `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(1, 255)}`;
  await run('samba-prepare', [folder, `${options.users ?? 20}`, address]);
  const base = 'DC=example,DC=test';
  return serve({
    folder,
    // In the foreground it ends when its standard input does, so it does not outlive the test's process.
    command: ['samba', '-i', '-M', 'single', `--configfile=${join(folder, 'etc/smb.conf')}`],
    answers: () => answers(636, address),
    facts: {
      ...{ url: `ldaps://${address}`, secureUrl: `ldaps://${address}`, base, users: `OU=Staff,${base}` },
      ...{ bind: 'svc-sync@example.test', admin: 'administrator@example.test', password: 'Secret-1' },
      ca: join(folder, 'cert.pem'),
    },
  });
}

async function run(script: string, args: string[]): Promise<void> {
  await promisify(execFile)(join(SCRIPTS, script), args, { maxBuffer: 1 << 24 });
}

interface Served {
  folder: string;
  command: [string, ...string[]];
  answers(): Promise<boolean>;
  facts: Pick<TestDirectory, 'url' | 'secureUrl' | 'base' | 'users' | 'bind' | 'admin' | 'password' | 'ca'>;
}

async function serve({ folder, command: [program, ...args], answers, facts }: Served): Promise<TestDirectory> {
  let server: ChildProcess | undefined;
  const clients: Client[] = [];
  const isRunning = () => server !== undefined && server.exitCode === null && server.signalCode === null;
  const killWithUs = () => isRunning() && server?.kill('SIGKILL');
  process.on('exit', killWithUs);

  async function end(signal: 'SIGTERM' | 'SIGKILL') {
    if (!server || !isRunning()) return;
    const ended = once(server, 'exit');
    server.kill(signal);
    await ended;
  }
  async function start() {
    server = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'], env: { ...process.env, PATH } });
    await once(server, 'spawn');
    for (let waited = 0; !(await answers()); waited += 20) {
      if (waited > STARTS_WITHIN_MS || !isRunning()) throw new Error(`${program} does not answer; see ${folder}`);
      await sleep(20);
    }
  }
  await start();
  return {
    ...facts,
    start,
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM');
      await start();
    },
    async connect() {
      const client = new Client({ url: facts.secureUrl, tlsOptions: { rejectUnauthorized: false }, timeout: 10_000 });
      clients.push(client);
      await client.bind(facts.admin, facts.password);
      return client;
    },
    async stop() {
      await Promise.all(clients.map((client) => client.unbind().catch(() => {})));
      await end('SIGTERM');
      process.off('exit', killWithUs);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
