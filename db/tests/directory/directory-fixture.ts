/** What the tests of the directory share: persons as the user replicator stages them. */
import type {
  BackEnd,
  DirectoryChangeRequest,
  DirectoryLock,
  DirectoryPerson,
} from '../../../packages/back-end/src/index.ts';
import { DOMAIN, NOON } from '../fixture.ts';

/** An entry id made of a number. */
export function entryId(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

export function person(
  number: number,
  user: string,
  changes: Partial<DirectoryPerson> & { groups?: string[] } = {},
): DirectoryChangeRequest {
  const { groups = [], ...more } = changes;
  const dn = `uid=p${number},dc=example,dc=org`;
  const address = { user, domain: DOMAIN, signInName: dn };
  const rest = { enabled: true, role: 'user' as const, phones: [], hidden: false };
  return { kind: 'person', person: { id: entryId(number), dn, ...address, ...rest, ...more }, groups };
}

export const gone = (number: number): DirectoryChangeRequest => ({ kind: 'gone', id: entryId(number) });

export async function lockOf(backEnd: BackEnd, holder = 'host:1'): Promise<DirectoryLock> {
  const lock = await backEnd.lockDirectory({ holder });
  if (!lock.locked) throw new Error('somebody else has the lock of the directory');
  return lock;
}

export interface RunOptions {
  full?: boolean;
  elsewhere?: string[];
  percent?: number;
  now?: Date;
  cookie?: string;
}

/** A whole run, and what the pool would have been told of. */
export async function run(lock: DirectoryLock, changes: DirectoryChangeRequest[], options: RunOptions = {}) {
  const { full = false, elsewhere = [], percent = 100, now = NOON, cookie = 'cookie' } = options;
  await lock.beginDirectoryRun({ full, now });
  for (let at = 0; at < changes.length; at += 1_000) await lock.stageDirectoryChanges(changes.slice(at, at + 1_000));
  const told: string[] = [];
  const removed: number[] = [];
  const outcome = await lock.applyDirectoryChanges({
    ...{ full, elsewhere, cookie: Buffer.from(cookie), disableLimitPercent: percent, now },
    onChanges: (changed) => {
      told.push(...changed.accounts.map(({ user, domain }) => `${user}@${domain}`));
      removed.push(...changed.removed.map(({ endpointId }) => endpointId));
    },
  });
  return { ...outcome, told: told.sort(), removed };
}
