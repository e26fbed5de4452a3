import pg from 'pg';
import { DeployError } from './deploy-error.ts';
import { applyFile, type SqlFile } from './sql-file.ts';

/**
 * Re-applies every procedure, and drops those in schema api that no file defines any more. They are replaced in place,
 * so that front ends go on calling them: a new parameter therefore comes last and has a default, and a procedure's file
 * stays one release longer than its last caller.
 */
export async function applyProcedures(client: pg.Client, files: SqlFile[]): Promise<void> {
  for (const file of files) await applyProcedure(client, file);
  // Whatever was written before this transaction began is of an earlier deploy (savepoints have later ids than it).
  await drop(client, 'age(xmin) > age(pg_current_xact_id()::xid)');
}

async function applyProcedure(client: pg.Client, file: SqlFile): Promise<void> {
  const name = file.path.replace(/^.*\//, '').replace(/\.sql$/, '');
  if (!file.text.includes(`create or replace function api.${name}(`)) {
    throw new DeployError(`${file.path}: should hold "create or replace function api.${name}("`);
  }
  await client.query('savepoint procedure');
  try {
    await applyFile(client, file);
  } catch (error) {
    const cause = error instanceof DeployError ? error.cause : undefined;
    // invalid_function_definition: another return type or other parameter names cannot be replaced in place.
    if (!(cause instanceof pg.DatabaseError && cause.code === '42P13')) throw error;
    await client.query('rollback to savepoint procedure');
    await drop(client, `proname = ${client.escapeLiteral(name)}`);
    await applyFile(client, file);
  }
  await client.query('release savepoint procedure');
}

async function drop(client: pg.Client, condition: string): Promise<void> {
  const { rows } = await client.query<{ signature: string }>(
    `select oid::regprocedure::text as signature from pg_proc where pronamespace = 'api'::regnamespace and ${condition}`,
  );
  for (const { signature } of rows) await client.query(`drop function ${signature}`);
}
