import { type AddressOfRecord, checkAddressOfRecord } from '../account/address-of-record.ts';
import { checkText } from '../array-parameter.ts';
import type { Connections, Row } from '../connections.ts';
import type {
  AccessRule,
  AccessRules,
  ChangeAccessRulesOutcome,
  ChangeAccessRulesRequest,
  ReplaceAccessRulesRequest,
  RuleChange,
  RuleSubject,
} from './access-rule.ts';

const MAXIMUM_RULES = 10_000;

export interface SetAccessRuleRequest extends RuleChange {
  account: AddressOfRecord;
}

/** `accountId`: to be published on the topic 'presence'. */
export type SetAccessRuleOutcome =
  | { outcome: 'set' | 'unchanged' | 'too_many_rules'; accountId: number }
  | { outcome: 'account_unknown' };

export type RemoveAccessRuleOutcome =
  | { outcome: 'removed' | 'rule_unknown'; accountId: number }
  | { outcome: 'account_unknown' };

export async function setAccessRule(
  connections: Connections,
  request: SetAccessRuleRequest,
): Promise<SetAccessRuleOutcome> {
  const { account, subject, communication, level } = request;
  const rows = await connections.call({
    name: 'set_access_rule',
    text: 'select * from api.set_access_rule($1, $2, $3, $4, $5)',
    values: [...ruleKey(account, subject), JSON.stringify({ communication, level })],
  });
  const [outcome, accountId] = rows[0]!;
  return { outcome, accountId } as SetAccessRuleOutcome;
}

export async function removeAccessRule(
  connections: Connections,
  request: { account: AddressOfRecord; subject: RuleSubject },
): Promise<RemoveAccessRuleOutcome> {
  const rows = await connections.call({
    name: 'remove_access_rule',
    text: 'select * from api.remove_access_rule($1, $2, $3, $4)',
    values: ruleKey(request.account, request.subject),
  });
  const [outcome, accountId] = rows[0]!;
  return { outcome, accountId } as RemoveAccessRuleOutcome;
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
  return rows.length === 0 ? undefined : readRules(rows);
}

/** The rules of an account, for itself. */
export async function findAccessRules(
  connections: Connections,
  { accountId }: { accountId: number },
): Promise<AccessRules> {
  const rows = await connections.call({
    name: 'find_access_rules',
    text: 'select * from api.find_access_rules($1)',
    values: [accountId],
  });
  const [version, removed] = rows[0] as [number, boolean];
  return { version, removed, rules: readRules(rows.map((row) => row.slice(2))) };
}

/** Some rules of an account, by itself. */
export function changeAccessRules(
  connections: Connections,
  request: ChangeAccessRulesRequest,
): Promise<ChangeAccessRulesOutcome> {
  return callChange(connections, request, false, request.changes);
}

/** All rules of an account in one, by itself: what HTTP and XCAP put. */
export function replaceAccessRules(
  connections: Connections,
  request: ReplaceAccessRulesRequest,
): Promise<ChangeAccessRulesOutcome> {
  return callChange(connections, request, true, request.rules);
}

async function callChange(
  connections: Connections,
  request: Omit<ReplaceAccessRulesRequest, 'rules'>,
  replace: boolean,
  rules: readonly RuleChange[],
): Promise<ChangeAccessRulesOutcome> {
  const said = rules.map(({ subject, communication, level }) => {
    return { scope: subject.scope, subject: writeSubject(subject), communication, level };
  });
  const { accountId, credentialVersion, expectedVersion, maximumRules = MAXIMUM_RULES, removed = false } = request;
  const rows = await connections.call({
    name: 'change_access_rules',
    text: 'select * from api.change_access_rules($1, $2, $3, $4, $5, $6, $7)',
    values: [accountId, credentialVersion, expectedVersion, replace, JSON.stringify(said), maximumRules, removed],
  });
  const [outcome, version] = rows[0] as [string, number];
  if (outcome === 'changed' || outcome === 'unchanged') {
    return { outcome: 'changed', changed: outcome === 'changed', version };
  }
  return { outcome, ...(outcome === 'conflict' && { version }) } as ChangeAccessRulesOutcome;
}

function ruleKey(account: AddressOfRecord, subject: RuleSubject): string[] {
  checkAddressOfRecord(account);
  return [account.user, account.domain, subject.scope, writeSubject(subject)];
}

function writeSubject(subject: RuleSubject): string {
  if (subject.scope === 'everyone') return '';
  const text = subject.scope === 'domain' ? subject.domain : `${subject.user}@${subject.domain}`;
  checkText('subject of the rule', text);
  return text;
}

/** Rows of scope, subject, communication, level; without a scope when there is no rule. */
function readRules(rows: readonly Row[]): AccessRule[] {
  return rows
    .filter(([scope]) => scope !== null)
    .map((row) => {
      const [scope, subject, communication, level] = row as [RuleSubject['scope'], string, unknown, unknown];
      return {
        subject: readSubject(scope, subject),
        ...(communication !== null && { communication }),
        ...(level !== null && { level }),
      } as AccessRule;
    });
}

function readSubject(scope: RuleSubject['scope'], text: string): RuleSubject {
  if (scope === 'everyone') return { scope };
  const at = text.lastIndexOf('@');
  const domain = text.slice(at + 1);
  return scope === 'domain' ? { scope, domain } : { scope, user: text.slice(0, at), domain };
}
