import type { Opened } from '@rollcall/process';
import { showProgress, startUserReplicator, type UserReplicatorOptions } from '@rollcall/user-replicator';

/** The replicator of a pool on this machine, where it has a directory to follow. @returns where its metrics are, if it serves them */
export async function startOwnReplicator(options: UserReplicatorOptions, opened: Opened): Promise<string | undefined> {
  if (options.settings.directoryUrl === undefined) return undefined;
  const progress = () => showProgress(process.stderr, options.log);
  const running = await startUserReplicator({ ...options, progress });
  opened.add('user replicator', () => running.stop());
  return running.address;
}
