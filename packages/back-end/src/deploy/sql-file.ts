import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { DeployError } from './deploy-error.ts';

export interface SqlFile {
  /** Relative to the db/ folder. */
  path: string;
  text: string;
  checksum: string;
}

/** The files that match, by path. */
export async function readSqlFiles(folder: URL, pattern: string): Promise<SqlFile[]> {
  const paths = (await Array.fromAsync(glob(pattern, { cwd: fileURLToPath(folder) }))).sort();
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(new URL(path, folder), 'utf8');
      return { path, text, checksum: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

/** Runs a file's statements. Rejects with a DeployError that names the place. */
export async function applyFile(client: pg.Client, file: SqlFile): Promise<void> {
  try {
    await client.query(file.text);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    const place =
      error.position === undefined ? file.path : `${file.path}:${lineAndColumn(file.text, Number(error.position))}`;
    const more = [error.detail, error.hint, error.internalQuery && `in: ${error.internalQuery}`, error.where];
    throw new DeployError([`${place}: ${error.message}`, ...more].filter(Boolean).join('\n  '), { cause: error });
  }
}

/** `position` counts characters (code points) from 1. */
function lineAndColumn(text: string, position: number): string {
  const lines = Array.from(text)
    .slice(0, position - 1)
    .join('')
    .split('\n');
  return `${lines.length}:${lines.at(-1)!.length + 1}`;
}
