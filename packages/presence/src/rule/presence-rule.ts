/** RFC 5025 §9: documents are common-policy documents. */
export const PRES_RULES_TYPE = 'application/auth-policy+xml';
/** Of the root `ruleset` (RFC 4745). */
export const COMMON_POLICY_NAMESPACE = 'urn:ietf:params:xml:ns:common-policy';
/**
 * Of `sub-handling` and what a watcher may see (RFC 5025); in node selectors also that of names without a prefix (§9.3), so rules are
 * selected as `/cr:ruleset/cr:rule?xmlns(cr=urn:ietf:params:xml:ns:common-policy)`.
 */
export const PRES_RULES_NAMESPACE = 'urn:ietf:params:xml:ns:pres-rules';
/** Ours: `<level>` and `<communication>` in `<actions>`. */
export const ACCESS_NAMESPACE = 'urn:rollcall:access';

export const LEVELS = ['blocked', 'public', 'company', 'team', 'personal'] as const;

/** `subject`: user@domain, a domain, or '' for everyone. At least one of `level` and `communication` is said. */
export interface PresenceRule {
  scope: 'everyone' | 'domain' | 'user';
  subject: string;
  level?: (typeof LEVELS)[number];
  communication?: 'allow' | 'deny';
}
