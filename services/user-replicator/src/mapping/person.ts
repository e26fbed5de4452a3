import type { DirectoryPerson, SkipReason } from '@rollcall/back-end';

export const PHONE_TYPES = ['work', 'mobile', 'home', 'other'] as const;

/** A person, or why the entry gives none. */
export type Mapped =
  | { outcome: 'person'; person: DirectoryPerson }
  | { outcome: 'skipped'; id: string; dn: string; reason: SkipReason; detail?: string };
