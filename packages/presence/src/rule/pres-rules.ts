/** RFC 5025 §9: documents are common-policy documents. */
export const PRES_RULES_TYPE = 'application/auth-policy+xml';
/** Of the root `ruleset`, XCAP's default namespace for pres-rules (RFC 5025 §9.3). */
export const PRES_RULES_NAMESPACE = 'urn:ietf:params:xml:ns:common-policy';
/** Ours: `<level>` and `<communication>` in `<actions>`. */
export const ACCESS_NAMESPACE = 'urn:rollcall:access';

/** `subject`: user@domain, a domain, or '' for everyone. At least one of `level` and `communication` is said. */
export interface PresenceRule {
  scope: 'everyone' | 'domain' | 'user';
  subject: string;
  level?: 'blocked' | 'public' | 'company' | 'team' | 'personal';
  communication?: 'allow' | 'deny';
}

/** @throws {DocumentError} At most 10,000 rules come back, each scope and subject once. */
export function readPresRules(_document: string | Buffer): PresenceRule[] {
  throw new Error('not yet');
}

/** One `<rule>` for each, in the order given; ids are derived from scope and subject, so they stay. */
export function formatPresRules(_rules: readonly PresenceRule[]): string {
  throw new Error('not yet');
}
