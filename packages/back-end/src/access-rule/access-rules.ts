import type { AddressOfRecord } from '../account/address-of-record.ts';
import type { Connections } from '../connections.ts';

/** Who a rule is about. A user beats a domain beats everyone; without a rule all may reach the account. */
export type RuleSubject =
  | { scope: 'everyone' }
  /** In lower case. */
  | { scope: 'domain'; domain: string }
  | { scope: 'user'; user: string; domain: string };

export interface AccessRule {
  subject: RuleSubject;
  /** Whether it may send messages and call. */
  communication: 'allow' | 'deny';
}

export interface SetAccessRuleRequest extends AccessRule {
  account: AddressOfRecord;
}

export async function setAccessRule(
  _connections: Connections,
  _request: SetAccessRuleRequest,
): Promise<'set' | 'unchanged' | 'account_unknown' | 'too_many_rules'> {
  throw new Error('not yet');
}

export async function removeAccessRule(
  _connections: Connections,
  _request: { account: AddressOfRecord; subject: RuleSubject },
): Promise<'removed' | 'rule_unknown' | 'account_unknown'> {
  throw new Error('not yet');
}

/** Users first, then domains, then everyone. Undefined: no such account. */
export async function listAccessRules(
  _connections: Connections,
  _account: AddressOfRecord,
): Promise<AccessRule[] | undefined> {
  throw new Error('not yet');
}
