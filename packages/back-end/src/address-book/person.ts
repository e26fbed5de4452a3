import type { AddressOfRecord } from '../account/address-of-record.ts';

/** Somebody in the address book; of an account that was made by hand there is the address alone. */
export interface Person extends AddressOfRecord {
  displayName?: string;
  givenName?: string;
  surname?: string;
  mail?: string;
  phones: { type: 'work' | 'mobile' | 'home' | 'other'; number: string }[];
  title?: string;
  department?: string;
  company?: string;
  office?: string;
  manager?: AddressOfRecord;
  /** SHA-256 in hexadecimal digits. */
  photoHash?: string;
  /** From the directory; else an account that was made by hand. */
  inDirectory: boolean;
}

/** Who asks: of hidden people everybody finds themselves alone. */
interface Reader {
  readerId: number;
}

export interface SearchPeopleRequest extends Reader {
  query: string;
  /** 1 to 100. */
  limit: number;
}

/** `isSimilar`: not by how words begin. */
export type FoundPerson = Person & { isSimilar: boolean };

export interface FindPersonRequest extends Reader {
  /** An address of record or an alias. */
  address: AddressOfRecord;
}

/** What is known of the address book; `next` of the page before. */
export interface PeopleKnown {
  version: number;
  /** In the midst of a list: its last person, and the version that it began with. */
  after?: { accountId: number; base: number };
}

export interface ListPeopleRequest extends Reader {
  /** Nothing: all people. */
  known?: PeopleKnown;
  /** 1 to 1,000. */
  limit: number;
}

export interface PeopleList {
  /** Everything from the beginning: what was known before counts no more. */
  full: boolean;
  people: Person[];
  /** Who has left, or is hidden now. */
  removed: AddressOfRecord[];
  /** There are more: ask with `known` now. */
  more: boolean;
  /** What to ask with next. */
  known: PeopleKnown;
}
