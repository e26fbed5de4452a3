import type { AccessRule, ChangeAccessRulesOutcome, RuleChange, RuleSubject } from '@rollcall/back-end';
import type { FrontEnd } from '../sip/context.ts';
import type { TokenHolder } from '../token/access-token.ts';
import { findAddress, showAddress } from './address.ts';
import { tokenInvalid } from './authorize.ts';
import { Problem } from './problem.ts';
import { versionDiffers } from './version.ts';

export type GivenRule = Omit<RuleChange, 'subject'>;

type Change = { expectedVersion?: number } & ({ rules: AccessRule[] } | { changes: RuleChange[] });

/** Changes or replaces the rules of whoever holds the token, and then wakes the watchers. @throws Problem 401, 409, 412 */
export async function changeRules(
  frontEnd: FrontEnd,
  holder: TokenHolder,
  change: Change,
): Promise<Extract<ChangeAccessRulesOutcome, { outcome: 'changed' }>> {
  const { backEnd, bus } = frontEnd;
  if (!(await backEnd.sessionHolds(holder))) throw tokenInvalid();
  const { accountId, credentialVersion } = holder;
  const outcome =
    'rules' in change
      ? await backEnd.replaceAccessRules({ ...change, accountId, credentialVersion })
      : await backEnd.changeAccessRules({ ...change, accountId, credentialVersion });
  switch (outcome.outcome) {
    case 'changed':
      if (outcome.changed) bus.publish('presence', [String(accountId)]);
      return outcome;
    case 'conflict':
      throw versionDiffers(outcome.version);
    case 'credentials_changed':
      throw tokenInvalid();
    case 'too_many_rules':
      throw new Problem(409, 'too-many-rules', { detail: 'There would be more than 10000 rules' });
  }
}

/** `everyone`, a domain, or an address of anybody. @throws Problem 422 */
export async function readSubject(frontEnd: FrontEnd, text: string): Promise<RuleSubject> {
  if (text === 'everyone') return { scope: 'everyone' };
  // A domain is read as that of an address, so that it is written alike.
  const address = await findAddress(frontEnd, text.includes('@') ? text : `x@${text}`);
  if (!address) {
    throw new Problem(422, 'invalid-request', { detail: `${text} is neither everyone, a domain nor an address` });
  }
  return text.includes('@') ? { scope: 'user', ...address } : { scope: 'domain', domain: address.domain };
}

export function showRule({ subject, communication, level }: AccessRule) {
  return { subject: showSubject(subject), communication: communication ?? null, level: level ?? null };
}

function showSubject(subject: RuleSubject): string {
  if (subject.scope === 'everyone') return 'everyone';
  return subject.scope === 'domain' ? subject.domain : showAddress(subject);
}
