import type { Bus } from '../bus/bus.ts';
import { type EndpointRemoval, publishRemovals } from '../registration/removal.ts';
import type { AddressOfRecord } from './address-of-record.ts';

/** The key of an account on the topic `account`. */
export function accountKey({ user, domain }: AddressOfRecord): string {
  return `${user}@${domain}`;
}

/**
 * After an account was disabled, enabled or removed, or its password changed: every front end drops what it had verified
 * and ends the account's connections. `removed`: the endpoints that left with the change; `changed`: the
 * accounts of which notifications are due.
 */
export function publishAccountChange(
  bus: Bus,
  address: AddressOfRecord,
  removed: readonly EndpointRemoval[] = [],
  changed: readonly number[] = [],
): void {
  bus.publish('account', [accountKey(address)]);
  publishRemovals(bus, removed);
  bus.publish('presence', changed.map(String));
}
