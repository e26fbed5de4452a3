import type { Role } from '../account/add-account.ts';

/** What the user replicator has made of an entry of the directory. */
export interface DirectoryPerson {
  /** A UUID: entryUUID, objectGUID. */
  id: string;
  dn: string;
  user: string;
  /** In lower case. */
  domain: string;
  enabled: boolean;
  role: Role;
  /** Changes when the password does: sessions and flows of before end. */
  passwordChangedAt?: Date;
  /** What an LDAP bind takes: the DN, or the userPrincipalName. */
  signInName: string;
  displayName?: string;
  givenName?: string;
  surname?: string;
  mail?: string;
  phones: { type: 'work' | 'mobile' | 'home' | 'other'; number: string }[];
  title?: string;
  department?: string;
  company?: string;
  office?: string;
  managerDn?: string;
  /** SHA-256 in hexadecimal digits. */
  photoHash?: string;
  /** In the address book only for itself. */
  hidden: boolean;
}

export type SkipReason = 'no_address' | 'malformed' | 'excluded';

export type DirectoryChangeRequest =
  | { kind: 'person'; person: DirectoryPerson; groups: readonly string[] }
  /** An account that it has stays as it is; of `excluded` it goes as if the entry were gone. */
  | { kind: 'skipped'; id: string; dn: string; reason: SkipReason; detail?: string }
  | { kind: 'gone'; id: string };
