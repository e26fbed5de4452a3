import { openBackEnd } from '@rollcall/back-end';
import type { FrontEndSettings, RunningFrontEnd } from '@rollcall/front-end';
import { createTestDatabase, type TestDatabase, type TestDirectory } from '@rollcall/test-kit';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call, type HttpAnswer } from '../http/http-client.ts';
import { replicateOnce } from './replicator-process.ts';

export const DOMAIN = 'example.test';

/** Front ends whose accounts follow a directory, which has been replicated once. */
export interface SigningIn {
  readonly pool: FrontEndPool;
  readonly database: TestDatabase;
  signIn(user: string, password: string, frontEnd?: RunningFrontEnd): Promise<HttpAnswer>;
  stop(): Promise<void>;
}

export async function startSigningIn(
  directory: TestDirectory,
  settings: Partial<FrontEndSettings> = {},
): Promise<SigningIn> {
  const database = await createTestDatabase();
  const reached = { directoryUrl: [directory.url], directoryCa: directory.ca, directoryBase: directory.base };
  // First: a front end hears of a further domain a second later.
  const backEnd = await openBackEnd({ databaseUrl: database.url, connections: 1 });
  await backEnd.createDomain(DOMAIN).finally(() => backEnd.close());
  const pool = await startFrontEndPool({ domain: DOMAIN, ...reached, ...settings }, database);
  const { status, stdout, stderr } = await replicateOnce({ database, directory });
  if (status !== 0) throw new Error(stdout + stderr);
  return {
    pool,
    database,
    signIn: (user, password, frontEnd = pool.frontEnd) =>
      call(frontEnd, 'POST /v1/sessions', { body: { user: `${user}@${DOMAIN}`, password } }),
    async stop() {
      await pool.stop();
      await database.drop();
    },
  };
}
