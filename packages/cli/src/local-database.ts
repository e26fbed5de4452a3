import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NotRunningError, readConnection, startLocalDatabase } from '@rollcall/local-database';
import { CommandError } from './command-error.ts';

export interface OpenedDatabase {
  /** Of its superuser. */
  url: string;
  close(): Promise<void>;
}

/** The database of a Standard Edition's folder: the running one, else started for as long as this command needs it. */
export async function openLocalDatabase(data: string): Promise<OpenedDatabase> {
  const folder = resolve(data);
  if (!existsSync(join(folder, 'postgresql')))
    throw new CommandError(
      `There is no Rollcall data in ${folder}. \`rollcall start --data ${data}\` makes it; --data or --database-url names another pool.`,
    );
  try {
    const { url } = await readConnection(folder);
    return { url, close: async () => {} };
  } catch (error) {
    if (!(error instanceof NotRunningError)) throw error;
    const database = await startLocalDatabase({ folder });
    return { url: database.url, close: () => database.stop() };
  }
}
