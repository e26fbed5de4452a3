import { checkText } from '../array-parameter.ts';
import type { ConnectionOptions } from '../connections.ts';
import { toBackEndError } from '../errors.ts';
import { applyDirectoryChanges } from './apply-directory-changes.ts';
import type { BegunDirectoryRun, DirectoryLock, LockDirectoryOutcome, LockDirectoryRequest } from './directory-lock.ts';
import { LockedConnection } from './locked-connection.ts';
import { removeGoneAccounts } from './remove-gone-accounts.ts';
import { stageDirectoryChanges } from './stage-directory-changes.ts';

/** Takes the lock of the directory, if nobody has it. */
export async function lockDirectory(
  options: ConnectionOptions,
  { holder }: LockDirectoryRequest,
): Promise<LockDirectoryOutcome> {
  checkText('holder', holder);
  const connection = new LockedConnection(options);
  try {
    await connection.connect();
    const rows = await connection.call({
      name: 'lock_directory',
      text: 'select api.lock_directory($1)',
      values: [holder],
    });
    if (rows[0]![0] === true) return lockOf(connection);
    await connection.close();
    return { locked: false };
  } catch (error) {
    await connection.close();
    throw toBackEndError(error);
  }
}

function lockOf(connection: LockedConnection): DirectoryLock {
  return {
    locked: true,
    beginDirectoryRun: (request) => beginDirectoryRun(connection, request),
    stageDirectoryChanges: (changes) => stageDirectoryChanges(connection, changes),
    applyDirectoryChanges: (request) => applyDirectoryChanges(connection, request),
    failDirectoryRun: async ({ code, error, now }) => {
      await connection.call({
        name: 'fail_directory_run',
        text: 'select api.fail_directory_run($1, $2, coalesce($3, now()))',
        values: [code, error.replaceAll('\0', '').toWellFormed(), now],
      });
    },
    removeGoneAccounts: (request) => removeGoneAccounts(connection, request),
    knownMembers: async (group) => {
      checkText('group', group);
      const text = 'select * from api.known_members($1)';
      const rows = await connection.call({ name: 'known_members', text, values: [group] });
      return rows.map(([id]) => id as string);
    },
    release: () => connection.close(),
    lost: connection.lost,
  };
}

async function beginDirectoryRun(
  connection: LockedConnection,
  { full, now }: { full: boolean; now?: Date },
): Promise<BegunDirectoryRun> {
  const rows = await connection.call({
    name: 'begin_directory_run',
    text: 'select * from api.begin_directory_run($1, coalesce($2, now()))',
    values: [full, now],
  });
  const [cookie, cookieAt, lastFullAt] = rows[0]! as [Buffer | null, Date | null, Date | null];
  return { ...(cookie && { cookie }), ...(cookieAt && { cookieAt }), ...(lastFullAt && { lastFullAt }) };
}
