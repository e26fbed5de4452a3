import { createTestDatabase, runRollcall, type TestDatabase } from '@rollcall/test-kit';

export const DOMAIN = 'example.test';

/** A database of a pool that serves DOMAIN and has no accounts. */
export async function createPoolDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await deployDomain(database, DOMAIN);
  return database;
}

export async function deployDomain({ url }: TestDatabase, name: string): Promise<void> {
  const { status, stderr } = await runRollcall(['deploy', '--domain', name, '--database-url', url]);
  if (status !== 0) throw new Error(stderr);
}
