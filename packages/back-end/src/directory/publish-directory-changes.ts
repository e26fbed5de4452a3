import { publishAccountChange } from '../account/publish-account-change.ts';
import type { Bus } from '../bus/bus.ts';
import { publishRemovals } from '../registration/removal.ts';
import type { DirectoryAccountChanges } from './directory-lock.ts';

/** After each batch: front ends end flows and drop what they had verified, and watchers are told. */
export function publishDirectoryChanges(bus: Bus, { accounts, removed, watched }: DirectoryAccountChanges): void {
  for (const account of accounts) publishAccountChange(bus, account);
  publishRemovals(bus, removed);
  bus.publish('presence', watched.map(String));
}
