// The same shapes as in packages/back-end/src/presence/state.ts, which this package must not import (scripts/check-imports.ts); the
// front end hands them from one to the other; its presence/states.test.ts has the compiler compare them.

export type StatedPresence = 'available' | 'busy' | 'do-not-disturb' | 'be-right-back' | 'away' | 'offline';

/**
 * One way to reach somebody (RFC 3863 tuple). `xml`: its further elements as they came, with their namespaces declared. It is written as it
 * is: only readPidf makes it, nothing that comes as JSON may.
 */
export interface Service {
  id: string;
  contact?: string;
  priority?: number;
  xml?: string;
}

/** RFC 4482. All but the name are URIs. */
export interface Person {
  displayName?: string;
  card?: string;
  homepage?: string;
  icon?: string;
  map?: string;
  sound?: string;
}

/** What one publication says. `note` has at most 1,000 characters, other text 200, `services` 8 entries with 2,000 characters of XML each. */
export interface PublishedState {
  open: boolean;
  stated?: StatedPresence;
  activity?: string;
  idle?: boolean;
  /** ISO 8601, UTC. */
  idleSince?: string;
  note?: string;
  calendar?: string;
  phone?: string;
  location?: string;
  services?: Service[];
  person?: Person;
}

/** What one access level sees of an account. */
export interface PresenceState {
  availability: number;
  activity?: string;
  note?: string;
  calendar?: string;
  phone?: string;
  location?: string;
  idleSince?: string;
  services?: Service[];
  person?: Person;
}
