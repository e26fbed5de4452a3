import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Server } from './server.ts';

const TABLES = ['standard', 'auth_db', 'usrloc', 'presence'];
const SQL_FOLDER = '/usr/share/kamailio/postgres';

/** 0 keeps locations in memory only, 2 writes them behind, 3 has them in the database alone (shared, durable). */
export type DbMode = 0 | 2 | 3;

/** Kamailio's version, or undefined when it is not installed with its PostgreSQL module. */
export function kamailioVersion(): string | undefined {
  if (!existsSync(`${SQL_FOLDER}/usrloc-create.sql`)) return undefined;
  return /kamailio (\S+)/.exec(execFileSync('kamailio', ['-v'], { encoding: 'utf8' }))?.[1];
}

export interface KamailioData {
  /** Superuser URL of the PostgreSQL server. */
  databaseUrl: string;
  users: { name: string; ha1: string }[];
  /** Name of the database that is made; default: kamailio. */
  database?: string;
}

/** Makes a database with Kamailio's own tables and the users in it; returns its URL. */
export async function loadKamailio({ databaseUrl, users, database = 'kamailio' }: KamailioData): Promise<string> {
  const server = new pg.Client(databaseUrl);
  await server.connect();
  await server.query(`drop database if exists ${database} with (force)`);
  await server.query(`create database ${database}`);
  await server.end();
  const url = new URL(databaseUrl);
  url.pathname = `/${database}`;
  const client = new pg.Client(url.href);
  await client.connect();
  for (const table of TABLES) await client.query(readFileSync(`${SQL_FOLDER}/${table}-create.sql`, 'utf8'));
  await client.query(
    `insert into subscriber (username, domain, password, ha1, ha1b)
     select name, 'pool.test', '', ha1, '' from unnest($1::text[], $2::text[]) as u (name, ha1)`,
    [users.map((user) => user.name), users.map((user) => user.ha1)],
  );
  await client.query('analyze');
  await client.end();
  return url.href;
}

/** Starts Kamailio with an empty location table. */
export async function startKamailio(url: string, mode: DbMode, port: number): Promise<Server> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('truncate location');
  await client.end();
  return runKamailio({
    name: `Kamailio db_mode ${mode}`,
    configuration: 'kamailio.cfg',
    port,
    values: { DB_MODE: String(mode), DB_URL: databaseValue(url) },
  });
}

/** A database URL as Kamailio's configuration has it. */
export function databaseValue(url: string): string {
  return `"${url.replace(/^postgresql:/, 'postgres:')}"`;
}

export interface KamailioProcess {
  name: string;
  /** File beside this one. */
  configuration: string;
  port: number;
  /** Words of the configuration besides PORT, and what stands for them. */
  values: Readonly<Record<string, string>>;
}

/** Starts Kamailio and waits until it has opened its listeners. */
export async function runKamailio({ name, configuration, port, values }: KamailioProcess): Promise<Server> {
  const file = new URL(configuration, import.meta.url).pathname;
  const words = Object.entries({ ...values, PORT: port }).flatMap(([word, value]) => ['-A', `${word}=${value}`]);
  const child = spawn('kamailio', ['-DD', '-E', '-m', '1024', '-M', '16', '-f', file, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk) => {
    log = (log + chunk).slice(-4000);
  });
  await sleep(3000);
  if (child.exitCode !== null) throw new Error(`kamailio did not start:\n${log}`);
  return {
    name,
    target: `127.0.0.1:${port}`,
    process: child.pid!,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), 60_000);
      await ended;
      clearTimeout(killer);
    },
  };
}
