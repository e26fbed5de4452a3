import pg from 'pg';
import { toBackEndError } from '../errors.ts';
import { DeployError } from './deploy-error.ts';
import { applyMigrations, type Migration } from './migrations.ts';
import { applyProcedures } from './procedures.ts';
import { scramVerifier } from './scram-verifier.ts';
import { applyFile, readSqlFiles } from './sql-file.ts';

export interface DeployOptions {
  /** Of the owner to be, who may create roles. */
  databaseUrl: string;
  /** Lets rollcall_front_end log in with this password. Without it the role is only to be granted to another. */
  frontEndPassword?: string;
  /** The same for rollcall_admin. */
  adminPassword?: string;
  /** The same for rollcall_replicator. */
  replicatorPassword?: string;
  /** The folder that holds migrations/, procedures/, roles.sql and grants.sql; default: db/ of this repository. */
  folder?: URL;
}

export interface DeployOutcome {
  /** Names of the migrations that were applied now. */
  migrations: string[];
  procedures: number;
}

const FOLDER = new URL('../../../../db/', import.meta.url);
const LOCK = 0x726f6c6c; // "roll"
const MINIMUM_VERSION = 18_00_00;

/**
 * Brings a database up to date: migrations once each, procedures and grants every time, all in one transaction under an
 * advisory lock. Safe to repeat, to run twice at once, and while front ends run.
 * Rejects with DeployError (file, line and column) or another BackEndError; then nothing has changed.
 */
export async function deploy(options: DeployOptions): Promise<DeployOutcome> {
  const folder = options.folder ?? FOLDER;
  const client = new pg.Client({ connectionString: options.databaseUrl, application_name: 'rollcall deploy' });
  // A connection that breaks rejects the statement in progress; that is enough.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await checkVersion(client);
    const migrations = await deployFolder(client, folder);
    await setPassword(client, 'rollcall_front_end', options.frontEndPassword);
    await setPassword(client, 'rollcall_admin', options.adminPassword);
    await setPassword(client, 'rollcall_replicator', options.replicatorPassword);
    await client.query('commit');
    return migrations;
  } catch (error) {
    throw error instanceof DeployError ? error : toBackEndError(error);
  } finally {
    await client.end().catch(() => {});
  }
}

async function deployFolder(client: pg.Client, folder: URL): Promise<DeployOutcome> {
  const [roles] = await readSqlFiles(folder, 'roles.sql');
  const [grants] = await readSqlFiles(folder, 'grants.sql');
  await applyFile(client, roles!);
  await client.query('set local role rollcall_owner');
  const applied: Migration[] = await applyMigrations(client, await readSqlFiles(folder, 'migrations/*.sql'));
  const procedures = await readSqlFiles(folder, 'procedures/**/*.sql');
  await applyProcedures(client, procedures);
  await applyFile(client, grants!);
  await client.query('reset role');
  return { migrations: applied.map((migration) => migration.name), procedures: procedures.length };
}

async function checkVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: string; number: number }>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
  );
  const { version, number } = rows[0]!;
  if (number < MINIMUM_VERSION)
    throw new DeployError(`Rollcall needs PostgreSQL 18 or later; this server is ${version}`);
}

/** The server gets a verifier, not the password: it may log its statements. */
async function setPassword(client: pg.Client, role: string, password: string | undefined): Promise<void> {
  if (password === undefined) return;
  await client.query(`alter role ${role} login password ${client.escapeLiteral(scramVerifier(password))}`);
}
