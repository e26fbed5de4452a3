import { randomBytes } from 'node:crypto';
import type { LocalDatabase } from '@rollcall/local-database';
import type { Opened } from '@rollcall/process';

/** The same database as another user. */
export function loginUrl(url: string, user: string, password: string): string {
  const login = new URL(url);
  login.username = user;
  login.password = password;
  return login.href;
}

export function newPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** A PostgreSQL that ends by itself takes the server down with it; it would serve nobody. */
export function stopDatabase(database: LocalDatabase, opened: Opened): () => Promise<void> {
  let stopping = false;
  void database.exited.then(() => {
    if (!stopping) opened.fail(new Error('PostgreSQL ended by itself; postgresql.log in the data folder says why'));
  });
  return () => {
    stopping = true;
    return database.stop();
  };
}
