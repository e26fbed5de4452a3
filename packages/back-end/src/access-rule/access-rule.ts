import type { AccessLevel } from '../presence/state.ts';

/** Who a rule is about. A user beats a domain beats everyone; without a rule all may reach the account. */
export type RuleSubject =
  | { scope: 'everyone' }
  /** In lower case. */
  | { scope: 'domain'; domain: string }
  | { scope: 'user'; user: string; domain: string };

export type Communication = 'allow' | 'deny';

/** Says one or both; what it does not say, a less specific rule does. */
export interface AccessRule {
  subject: RuleSubject;
  /** Whether it may send messages and call. */
  communication?: Communication;
  /** What it sees of the account's presence. */
  level?: AccessLevel;
}

/** What is left out stays as it is, null takes it away; a rule that says nothing goes. */
export interface RuleChange {
  subject: RuleSubject;
  communication?: Communication | null;
  level?: AccessLevel | null;
}

export interface ReplaceAccessRulesRequest {
  accountId: number;
  credentialVersion: number;
  /** Nothing is changed when the rules have another version (If-Match); absent: whatever they have. */
  expectedVersion?: number;
  /** All that there will be. */
  rules: readonly AccessRule[];
  /** Without any: there is no such document afterwards. */
  removed?: boolean;
  /** Default and most: 10,000. */
  maximumRules?: number;
}

export interface ChangeAccessRulesRequest extends Omit<ReplaceAccessRulesRequest, 'rules' | 'removed'> {
  /** These alone are changed. */
  changes: readonly RuleChange[];
}

export type ChangeAccessRulesOutcome =
  /** `version` after it. `changed`: publish the account on the topic 'presence'; false: all was so already. */
  | { outcome: 'changed'; changed: boolean; version: number }
  /** The rules have this version, not the expected one. */
  | { outcome: 'conflict'; version: number }
  | { outcome: 'too_many_rules' }
  /** The account is disabled, removed or has other credentials. */
  | { outcome: 'credentials_changed' };

export interface AccessRules {
  /** Counts up with each change, whoever makes it; 0: there never was a rule. */
  version: number;
  /** As a document they are not there: they were never written, or have been removed. */
  removed: boolean;
  /** Users first, then domains, then everyone. */
  rules: AccessRule[];
}
