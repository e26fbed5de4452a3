import type { AddressOfRecord } from '../account/address-of-record.ts';

/** Of a contact list; its members name it (Contact.groups). */
export interface ContactGroup {
  /** From 1; never used again by the same account. */
  id: number;
  /** No two groups of an account have the same. At most 255 bytes. */
  name: string;
  /** Groups are in the order of this, and then of their ids. */
  position: number;
}

/** An entry in an account's contact list. Its address: user part unescaped, domain in lower case. */
export interface Contact extends AddressOfRecord {
  /** At most 255 bytes. */
  displayName?: string;
  /** What the owner notes of them; nobody else sees it. At most 1,023 bytes. */
  note?: string;
  /** Contacts are in the order of this, and then of their addresses. */
  position: number;
  /** Ids of groups. */
  groups: number[];
  /** The address is one of an account of the pool: it has presence. Not told by deltas when it alone has changed. */
  inPool: boolean;
}

/** The whole list, or what has changed in it since the version asked about. */
export interface ContactList {
  /** Counts up with each change; 0: nothing was ever in it. */
  version: number;
  /** False: `removed…` and what has changed since. True: all there is; `removed…` are empty. */
  full: boolean;
  /** As a document it is not there: it was never written, or has been removed. */
  removed: boolean;
  groups: ContactGroup[];
  contacts: Contact[];
  removedGroups: number[];
  removedContacts: AddressOfRecord[];
}

/** A group to be made (no id) or changed (id, or else the name of one that there is). What is left out stays as it is; a new one goes last. */
export interface GroupChange {
  id?: number;
  name?: string;
  position?: number;
}

/** A contact to be added or changed. What is left out stays as it is, null takes it away; a new one goes last. */
export interface ContactChange extends AddressOfRecord {
  displayName?: string | null;
  note?: string | null;
  position?: number;
  /** Ids, or names of groups that there are or that the same request makes. */
  groups?: (number | string)[];
}

export interface ChangeContactsRequest {
  accountId: number;
  credentialVersion: number;
  /** Nothing is changed when the list has another version (If-Match); absent: whatever it has. */
  expectedVersion?: number;
  /**
   * true: what `groups` and `contacts` do not name is removed, what they leave out of one is taken away, and their order is the
   * order of the list. Groups keep their ids by name. A client's whole document.
   */
  replace?: boolean;
  /** With `replace`, and nothing in it: there is no such document afterwards. */
  removed?: boolean;
  groups?: GroupChange[];
  contacts?: ContactChange[];
  /** Their members stay. */
  removedGroups?: number[];
  removedContacts?: AddressOfRecord[];
  /** Default 250. */
  maximumContacts?: number;
  /** Default 64. */
  maximumGroups?: number;
  now?: Date;
}

export type ChangeContactsOutcome =
  /**
   * `version` after it. `noticed`: accounts that have a new notice, for publishContactChange. `changed` false: all was so
   * already; the version is the one before.
   */
  | { outcome: 'changed'; changed: boolean; version: number; noticed: number[] }
  /** The list has this version, not the expected one. */
  | { outcome: 'conflict'; version: number }
  | { outcome: 'too_many_contacts' | 'too_many_groups' }
  /** A contact or a change names a group that there is not. */
  | { outcome: 'group_unknown' }
  /** Two groups would have one name. */
  | { outcome: 'group_exists' }
  /** The account is disabled, removed or has other credentials. */
  | { outcome: 'credentials_changed' };

export interface FindContactsRequest {
  accountId: number;
  /** The version that the caller has. Too long ago, or of another list: all is told. */
  since?: number;
}

/** "X added you": waits for the account added until it is acknowledged. */
export interface ContactNotice {
  id: number;
  /** Who added it. */
  user: string;
  domain: string;
  occurredAt: Date;
}
