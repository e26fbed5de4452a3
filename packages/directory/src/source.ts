import { connectAndBind, type DirectoryConnection } from './connection.ts';
import { readDirSyncChanges } from './dirsync-source.ts';
import { type DirectoryFacts, discover } from './facts.ts';
import { readPagedChanges } from './paged-source.ts';
import type { DirectorySettings } from './settings.ts';
import { Run } from './source-run.ts';
import { readSyncrepl, waitForSyncrepl } from './syncrepl-source.ts';
import type { ChangesFrom, DirectorySource } from './types.ts';

/**
 * @param options.now the clock that tells when a second is over; for tests
 * @throws DirectoryError when no server can be asked what it is
 */
export async function openSource(
  settings: DirectorySettings,
  { now = Date.now }: { now?: () => number } = {},
): Promise<DirectorySource> {
  const connection = await connectAndBind(settings);
  try {
    return createSource(settings, await discover(connection, settings), now);
  } finally {
    connection.close();
  }
}

function createSource(settings: DirectorySettings, facts: DirectoryFacts, now: () => number): DirectorySource {
  const streams = { 'active-directory': readDirSyncChanges, openldap: readSyncrepl, other: readPagedChanges(now) };
  const open = new Set<DirectoryConnection>();
  let last: Run | undefined;

  // A connection a run: one that was idle for long may be dead without anybody knowing.
  async function connect() {
    const connection = await connectAndBind(settings);
    open.add(connection);
    return connection;
  }
  function end(connection: DirectoryConnection) {
    open.delete(connection);
    connection.close();
  }
  async function waitForChange(signal: AbortSignal): Promise<void> {
    const mark = last?.mark;
    if (!last || mark === undefined || signal.aborted) return;
    const connection = await connect();
    const abort = () => connection.close();
    signal.addEventListener('abort', abort);
    try {
      if (!signal.aborted) await waitForSyncrepl(connection, facts, last.from.groups, mark);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', abort);
      end(connection);
    }
  }
  return {
    kind: facts.kind,
    async changes(from: ChangesFrom) {
      last = new Run({ facts, stream: streams[facts.kind], pageSize: settings.pageSize, connect, end }, from, last);
      return last;
    },
    ...(facts.kind === 'openldap' && { waitForChange }),
    async close() {
      for (const connection of open) end(connection);
    },
  };
}
