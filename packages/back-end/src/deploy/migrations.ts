import type pg from 'pg';
import { DeployError } from './deploy-error.ts';
import { applyFile, type SqlFile } from './sql-file.ts';

export interface Migration {
  number: number;
  name: string;
}

const BOOTSTRAP = `
  create schema if not exists data;
  create schema if not exists api;
  create table if not exists data.migration (
    number int primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
  )`;

/** Applies what is new, in order. An applied migration is immutable: rejects with a DeployError when one has changed or is missing. */
export async function applyMigrations(client: pg.Client, files: SqlFile[]): Promise<Migration[]> {
  await client.query(BOOTSTRAP);
  const { rows } = await client.query<Migration & { checksum: string }>('select * from data.migration order by number');
  const applied = new Map(rows.map((row) => [row.number, row]));

  const done: Migration[] = [];
  for (const [index, file] of files.entries()) {
    const { number, name } = parseName(file);
    if (number !== index + 1) throw new DeployError(`${file.path}: should be number ${index + 1}`);
    const earlier = applied.get(number);
    applied.delete(number);
    if (earlier === undefined) {
      await applyFile(client, file);
      await client.query('insert into data.migration (number, name, checksum) values ($1, $2, $3)', [
        number,
        name,
        file.checksum,
      ]);
      done.push({ number, name });
    } else if (earlier.checksum !== file.checksum) {
      throw new DeployError(`${file.path}: has changed since it was applied; write a new migration instead`);
    }
  }

  const [unknown] = applied.values();
  if (unknown) {
    throw new DeployError(
      `migration ${unknown.name} is applied but not known here: the database was deployed by a newer version`,
    );
  }
  return done;
}

function parseName(file: SqlFile): Migration {
  const name = file.path.replace(/^.*\//, '').replace(/\.sql$/, '');
  const match = /^(\d{4})-[a-z0-9-]+$/.exec(name);
  if (!match) throw new DeployError(`${file.path}: a migration is named NNNN-what-it-does.sql`);
  return { number: Number(match[1]), name };
}
