import type { FrontEndSettings, RunningFrontEnd } from '@rollcall/front-end';
import type { TestDatabase, TestDirectory } from '@rollcall/test-kit';
import { expect } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { call, type HttpAnswer } from '../http/http-client.ts';
import { createPoolDatabase, DOMAIN } from './pool-database.ts';
import { replicateOnce } from './replicator-process.ts';

/** Front ends whose accounts follow a directory, which has been replicated once. */
export interface SigningIn {
  readonly pool: FrontEndPool;
  readonly database: TestDatabase;
  /** The name of somebody of an OpenLDAP whom no other test has. */
  somebody(): string;
  signIn(user: string, password: string, frontEnd?: RunningFrontEnd): Promise<HttpAnswer>;
  /** @throws when the password that all of the directory have is in the log */
  stop(): Promise<void>;
}

export async function startSigningIn(
  directory: TestDirectory,
  settings: Partial<FrontEndSettings> = {},
): Promise<SigningIn> {
  // Before its front ends: they hear of a further domain a second later.
  const database = await createPoolDatabase();
  const reached = { directoryUrl: [directory.url], directoryCa: directory.ca, directoryBase: directory.base };
  const pool = await startFrontEndPool({ domain: DOMAIN, ...reached, ...settings }, database);
  const { status, stdout, stderr } = await replicateOnce({ database, directory });
  if (status !== 0) throw new Error(stdout + stderr);
  let taken = 0;
  return {
    ...{ pool, database },
    somebody: () => `u${String(++taken).padStart(5, '0')}`,
    signIn: (user, password, frontEnd = pool.frontEnd) =>
      call(frontEnd, 'POST /v1/sessions', { body: { user: `${user}@${DOMAIN}`, password } }),
    async stop() {
      await pool.stop();
      await database.drop();
      expect(pool.log()).not.toContain(directory.password);
    },
  };
}
