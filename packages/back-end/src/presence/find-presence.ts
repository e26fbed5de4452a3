import type { AddressOfRecord } from '../account/address-of-record.ts';
import { checkText, texts } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import { type Actor, checkActor } from './publish.ts';
import type { AccessLevel, PresenceState } from './state.ts';

export interface FindPresenceRequest {
  /** `{ watcher }`: user@domain of somebody outside the pool. */
  watcher: Actor | { watcher: string };
  targets: readonly AddressOfRecord[];
  now?: Date;
}

export type FoundPresence =
  | { outcome: 'found'; accountId: number; level: AccessLevel; version: number; state: PresenceState }
  | { outcome: 'unknown' };

/** What a watcher sees of some accounts now; in the order of the targets. */
export async function findPresence(connections: Connections, request: FindPresenceRequest): Promise<FoundPresence[]> {
  const { watcher, targets, now } = request;
  const named = watcherAddress(watcher);
  for (const { user, domain } of targets) {
    checkText('user', user);
    checkText('domain', domain);
  }
  const rows = await connections.call({
    name: 'find_presence',
    text: 'select * from api.find_presence($1, $2, $3, $4, $5, coalesce($6, now()))',
    values: [
      ...['accountId' in watcher ? watcher.accountId : null, named, 'watcher' in watcher],
      ...[texts(targets, ({ user }) => user), texts(targets, ({ domain }) => domain), now],
    ],
  });
  return rows.map(([, outcome, accountId, level, version, state]) =>
    outcome === 'found' ? ({ outcome, accountId, level, version, state } as FoundPresence) : { outcome: 'unknown' },
  );
}

/** user@domain of who watches; null of an account whose credentials were verified. */
export function watcherAddress(watcher: Actor | { watcher: string }): string | null {
  if ('watcher' in watcher) {
    checkText('watcher', watcher.watcher);
    return watcher.watcher;
  }
  checkActor(watcher);
  return 'user' in watcher ? `${watcher.user}@${watcher.domain}` : null;
}
