export const WATCHERINFO_TYPE = 'application/watcherinfo+xml';

export interface Watcher {
  id: string;
  /** `sip:user@domain` */
  uri: string;
  displayName?: string;
  status: 'pending' | 'active' | 'waiting' | 'terminated';
  event: 'subscribe' | 'approved' | 'deactivated' | 'probation' | 'rejected' | 'timeout' | 'giveup' | 'noresource';
  /** s that are left, and since it subscribed. */
  expiration?: number;
  durationSubscribed?: number;
}

export interface WatcherList {
  /** Whose watchers: `sip:user@domain`. */
  resource: string;
  package: string;
  watchers: readonly Watcher[];
}

/** RFC 3858 §4. */
export function formatWatcherinfo(
  _lists: readonly WatcherList[],
  _options: { version: number; fullState: boolean },
): string {
  throw new Error('not yet');
}
