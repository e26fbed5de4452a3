import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from '@rollcall/local-database';
import { startTestServer } from './database-server.ts';

const FOLDER_PREFIX = 'rollcall-test-';

/**
 * Serves the test run's database to its test files, which are processes of their own: whoever connects to the socket
 * named by ROLLCALL_TEST_DATABASE_SERVICE is told where it is. PostgreSQL starts when the first asks, so that a run
 * without database tests does not pay for it.
 */
export async function serveTestDatabases(): Promise<{ close(): Promise<void> }> {
  let server: ReturnType<typeof startTestServer> | undefined;
  await removeStaleFolders();
  const folder = await mkdtemp(join(tmpdir(), FOLDER_PREFIX));
  // As root PostgreSQL runs as another user, who must get in.
  await chmod(folder, 0o711);
  const lock = lockFolder(folder);
  const path = join(folder, 'service');

  const service = createServer((socket) => {
    socket.on('error', () => {});
    server ??= startTestServer(join(folder, 'database'));
    server.then(
      ({ url, template }) => socket.end(JSON.stringify({ url, template })),
      (error: Error) => socket.end(JSON.stringify({ error: error.message })),
    );
  }).listen(path);
  await once(service, 'listening');
  process.env.ROLLCALL_TEST_DATABASE_SERVICE = path;

  return {
    close: async () => {
      service.close();
      await (await server?.catch(() => undefined))?.stop();
      lock.release();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Of runs that were killed: their PostgreSQL ended with them, their folder is left. */
async function removeStaleFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const folder = join(tmpdir(), name);
    // A run that begins at this moment has not locked its folder yet.
    if (!name.startsWith(FOLDER_PREFIX) || !(await isOlderThan(folder, 60_000))) continue;
    try {
      lockFolder(folder).release();
      await rm(folder, { recursive: true, force: true });
    } catch {
      // In use, or another user's.
    }
  }
}

async function isOlderThan(path: string, milliseconds: number): Promise<boolean> {
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > milliseconds;
}
