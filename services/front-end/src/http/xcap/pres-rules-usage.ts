import type { AccessRule } from '@rollcall/back-end';
import {
  formatPresRules,
  PRES_RULES_NAMESPACE,
  PRES_RULES_TYPE,
  type PresenceRule,
  readPresRules,
} from '@rollcall/presence';
import type { XcapUsage } from './usage.ts';

/** RFC 5025 §9: the access rules, the same rows as /v1/access-rules. */
export const presRulesUsage: XcapUsage = {
  auid: 'pres-rules',
  contentType: PRES_RULES_TYPE,
  namespace: PRES_RULES_NAMESPACE,

  async find({ backEnd }, { accountId }) {
    const { version, removed, rules } = await backEnd.findAccessRules({ accountId });
    return { version, removed, text: () => formatPresRules(rules.map(toDocument)) };
  },

  kept: (document) => formatPresRules(readPresRules(document)),

  async replace(frontEnd, { accountId, credentialVersion }, document, expectedVersion) {
    const rules = document === undefined ? [] : readPresRules(document).map(fromDocument);
    const request = { accountId, credentialVersion, expectedVersion, rules, removed: document === undefined };
    const changed = await frontEnd.backEnd.replaceAccessRules(request);
    switch (changed.outcome) {
      case 'changed':
        if (changed.changed) frontEnd.notifier.changed([accountId]);
        return { outcome: 'replaced', version: changed.version };
      case 'conflict':
      case 'credentials_changed':
        return { outcome: changed.outcome };
      case 'too_many_rules':
        return { outcome: 'refused', phrase: 'An account has at most 10,000 rules' };
    }
  },
};

function toDocument({ subject, level, communication }: AccessRule): PresenceRule {
  const said = { ...(level !== undefined && { level }), ...(communication !== undefined && { communication }) };
  switch (subject.scope) {
    case 'everyone':
      return { scope: 'everyone', subject: '', ...said };
    case 'domain':
      return { scope: 'domain', subject: subject.domain, ...said };
    case 'user':
      return { scope: 'user', subject: `${subject.user}@${subject.domain}`, ...said };
  }
}

function fromDocument({ scope, subject, level, communication }: PresenceRule): AccessRule {
  const said = { ...(level !== undefined && { level }), ...(communication !== undefined && { communication }) };
  switch (scope) {
    case 'everyone':
      return { subject: { scope }, ...said };
    case 'domain':
      return { subject: { scope, domain: subject }, ...said };
    case 'user': {
      const at = subject.lastIndexOf('@');
      return { subject: { scope, user: subject.slice(0, at), domain: subject.slice(at + 1) }, ...said };
    }
  }
}
