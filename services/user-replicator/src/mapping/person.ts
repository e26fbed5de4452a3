/** What an entry of the directory says of a person's account, and of the person. */
export interface DirectoryPerson {
  /** Of the entry; it stays when the person gets another name or place. */
  id: string;
  dn: string;
  user: string;
  domain: string;
  enabled: boolean;
  role: 'user' | 'admin';
  /** Changes when the password does: sessions and flows of before end. */
  passwordChangedAt?: Date;
  /** What LDAP bind takes. */
  signInName: string;
  displayName?: string;
  givenName?: string;
  surname?: string;
  mail?: string;
  phones: { type: PhoneType; number: string }[];
  title?: string;
  department?: string;
  company?: string;
  office?: string;
  managerDn?: string;
  /** SHA-256, in hexadecimal. */
  photoHash?: string;
  /** Not in the address book. */
  hidden: boolean;
}

export const PHONE_TYPES = ['work', 'mobile', 'home', 'other'] as const;
export type PhoneType = (typeof PHONE_TYPES)[number];

/** A person, or why the entry gives none. */
export type Mapped =
  | { outcome: 'person'; person: DirectoryPerson }
  | { outcome: 'skipped'; id: string; dn: string; reason: SkipReason; detail?: string };

export type SkipReason = 'no_address' | 'malformed' | 'excluded';
