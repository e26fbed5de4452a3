import { createHash } from 'node:crypto';
import type { Bus } from '../bus/bus.ts';

const REASONS = [
  /** The account had too many; this one was refreshed longest ago. */
  'quota',
  /** The account was disabled. */
  'disabled',
  /** The account was removed, or another endpoint of it removed this one. */
  'deleted',
  'expired',
] as const;

export type RemovalReason = (typeof REASONS)[number];

/** An endpoint that left without having asked to (RFC 3680 §4.7.1: what its `reg` event would say). */
export interface EndpointRemoval {
  endpointId: number;
  accountId: number;
  /** The owner of the flow when it registered; may be gone. */
  frontEndId: number;
  flow: string;
  instance: string | null;
  reason: RemovalReason;
}

/** What the back end says of an endpoint that has left. */
export interface LeftEndpoint {
  id: number;
  frontEndId: number;
  flow: string;
  instance?: string | null;
}

export function endpointRemoval(accountId: number, left: LeftEndpoint, reason: RemovalReason): EndpointRemoval {
  const { id, frontEndId, flow, instance = null } = left;
  return { endpointId: id, accountId, frontEndId, flow, instance, reason };
}

/** Longer instances are digested, so that a key always fits into a message. */
const INSTANCE_BYTES = 500;

/** The key of an endpoint on the topic `endpoint`. */
export function endpointKey(accountId: number, instance: string): string {
  const isLong = Buffer.byteLength(instance) > INSTANCE_BYTES;
  return `${accountId}/${isLong ? createHash('sha256').update(instance).digest('hex') : instance}`;
}

/** After the commit: wakes up who waits on these endpoints, and tells the front ends that hold their flows. */
export function publishRemovals(bus: Bus, removals: readonly EndpointRemoval[]): void {
  const named = removals.filter((removal) => removal.instance !== null);
  bus.publish(
    'endpoint',
    named.map(({ accountId, instance }) => endpointKey(accountId, instance!)),
  );
  bus.publish('removal', removals.map(encodeRemoval));
}

/** The key of a removal on the topic `removal`. An instance that is too long is left out. */
export function encodeRemoval(removal: EndpointRemoval): string {
  const { endpointId, accountId, frontEndId, flow, instance, reason } = removal;
  const short = instance !== null && Buffer.byteLength(instance) <= INSTANCE_BYTES ? instance : null;
  return JSON.stringify([endpointId, accountId, frontEndId, flow, short, reason]);
}

/** Undefined for what no version of `encodeRemoval` that we know has written. */
export function decodeRemoval(key: string): EndpointRemoval | undefined {
  try {
    const [endpointId, accountId, frontEndId, flow, instance, reason] = JSON.parse(key) as unknown[];
    const isWhole = [endpointId, accountId, frontEndId].every(Number.isSafeInteger) && typeof flow === 'string';
    const isKnown = (instance === null || typeof instance === 'string') && REASONS.includes(reason as RemovalReason);
    if (!isWhole || !isKnown) return undefined;
    return { endpointId, accountId, frontEndId, flow, instance, reason } as EndpointRemoval;
  } catch {
    return undefined;
  }
}
