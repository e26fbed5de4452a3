import { type AddressOfRecord, checkAddressOfRecord } from '../account/address-of-record.ts';
import { checkText } from '../array-parameter.ts';
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
  connections: Connections,
  request: SetAccessRuleRequest,
): Promise<'set' | 'unchanged' | 'account_unknown' | 'too_many_rules'> {
  const { account, subject, communication } = request;
  const rows = await connections.call({
    name: 'set_access_rule',
    text: 'select * from api.set_access_rule($1, $2, $3, $4, $5)',
    values: [...ruleKey(account, subject), communication],
  });
  return rows[0]![0] as 'set' | 'unchanged' | 'account_unknown' | 'too_many_rules';
}

export async function removeAccessRule(
  connections: Connections,
  request: { account: AddressOfRecord; subject: RuleSubject },
): Promise<'removed' | 'rule_unknown' | 'account_unknown'> {
  const rows = await connections.call({
    name: 'remove_access_rule',
    text: 'select * from api.remove_access_rule($1, $2, $3, $4)',
    values: ruleKey(request.account, request.subject),
  });
  return rows[0]![0] as 'removed' | 'rule_unknown' | 'account_unknown';
}

/** Users first, then domains, then everyone. Undefined: no such account. */
export async function listAccessRules(
  connections: Connections,
  account: AddressOfRecord,
): Promise<AccessRule[] | undefined> {
  checkAddressOfRecord(account);
  const rows = await connections.call({
    name: 'list_access_rules',
    text: 'select * from api.list_access_rules($1, $2)',
    values: [account.user, account.domain],
  });
  if (rows.length === 0) return undefined;
  return rows
    .filter(([scope]) => scope !== null)
    .map((row) => {
      const [scope, subject, communication] = row as [RuleSubject['scope'], string, AccessRule['communication']];
      return { subject: readSubject(scope, subject), communication };
    });
}

function ruleKey(account: AddressOfRecord, subject: RuleSubject): string[] {
  checkAddressOfRecord(account);
  const text = writeSubject(subject);
  checkText('subject of the rule', text);
  return [account.user, account.domain, subject.scope, text];
}

function writeSubject(subject: RuleSubject): string {
  if (subject.scope === 'everyone') return '';
  return subject.scope === 'domain' ? subject.domain : `${subject.user}@${subject.domain}`;
}

function readSubject(scope: RuleSubject['scope'], text: string): RuleSubject {
  if (scope === 'everyone') return { scope };
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1);
  return scope === 'domain' ? { scope, domain } : { scope, user: text.slice(0, at), domain };
}
