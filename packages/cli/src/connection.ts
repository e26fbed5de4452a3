import { type BackEnd, openBackEnd } from '@rollcall/back-end';
import { databaseUrl, readSettings, z } from '@rollcall/process';
import { type Command, Option } from 'commander';
import { usageError } from './command-error.ts';
import { openLocalDatabase } from './local-database.ts';

/** Where a command finds its pool. */
export interface ConnectionOptions {
  data?: string;
  databaseUrl?: string;
}

/** The folder of a Standard Edition when none is named. */
export const DEFAULT_DATA = './data';

const schema = z.object({ data: z.string().optional(), databaseUrl: databaseUrl().optional() });

export function addConnectionOptions(command: Command): Command {
  return command
    .addOption(new Option('--data <dir>', `folder of a Standard Edition, running or not (default ${DEFAULT_DATA})`))
    .addOption(new Option('--database-url <url>', 'PostgreSQL of a pool: postgres://user:password@host:5432/rollcall'));
}

export function addJsonOption(command: Command): Command {
  return command.addOption(new Option('--json', 'print JSON'));
}

/** Runs `use` with the database of a pool; that of a Standard Edition at rest is started for as long as that takes. */
export async function withDatabase<T>(options: ConnectionOptions, use: (url: string) => Promise<T>): Promise<T> {
  if (options.data !== undefined && options.databaseUrl !== undefined)
    throw usageError('Give --data or --database-url, not both.');
  // A flag of one kind outdoes the variable of the other.
  const environment = options.data === undefined && options.databaseUrl === undefined ? process.env : {};
  const settings = readSettings(schema, { ...options }, environment);
  if (settings.databaseUrl !== undefined) return await use(settings.databaseUrl);
  const database = await openLocalDatabase(settings.data ?? DEFAULT_DATA);
  try {
    return await use(database.url);
  } finally {
    await database.close();
  }
}

/** Runs `use` with the back end of a pool, and closes it. */
export async function withBackEnd<T>(options: ConnectionOptions, use: (backEnd: BackEnd) => Promise<T>): Promise<T> {
  return await withDatabase(options, async (url) => {
    const backEnd = await openBackEnd({ databaseUrl: url });
    try {
      return await use(backEnd);
    } finally {
      await backEnd.close();
    }
  });
}
