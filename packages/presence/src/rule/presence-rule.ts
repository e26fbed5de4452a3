/** RFC 5025 §9: documents are common-policy documents. */
export const PRES_RULES_TYPE = 'application/auth-policy+xml';
/** Of the root `ruleset` (RFC 4745). */
export const COMMON_POLICY_NAMESPACE = 'urn:ietf:params:xml:ns:common-policy';
/** XCAP's default namespace of names in node selectors is common policy's (RFC 5025 §9.3), where the root is. */
export const PRES_RULES_NAMESPACE = COMMON_POLICY_NAMESPACE;
/** Of `sub-handling` and what a watcher may see (RFC 5025). */
export const HANDLING_NAMESPACE = 'urn:ietf:params:xml:ns:pres-rules';
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
