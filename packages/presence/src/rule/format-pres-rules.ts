import { formatAddress } from '../xml/sip-address.ts';
import { escapeAttribute, XML_DECLARATION } from '../xml/write-xml.ts';
import { ACCESS_NAMESPACE, COMMON_POLICY_NAMESPACE, HANDLING_NAMESPACE, type PresenceRule } from './presence-rule.ts';

/** What clients that know RFC 5025 only see of a level; readPresRules understands it when our own element is gone. */
const HANDLING: Record<NonNullable<PresenceRule['level']>, { handling: string; transformations: string }> = {
  blocked: { handling: 'polite-block', transformations: '' },
  public: { handling: 'allow', transformations: '' },
  company: {
    handling: 'allow',
    transformations: '<pr:provide-activities>true</pr:provide-activities><pr:provide-note>true</pr:provide-note>',
  },
  team: {
    handling: 'allow',
    transformations:
      '<pr:provide-services><pr:all-services/></pr:provide-services><pr:provide-persons><pr:all-persons/></pr:provide-persons>',
  },
  personal: { handling: 'allow', transformations: '<pr:provide-all-attributes/>' },
};

/** RFC 5025. One `<rule>` for each, in the order given; ids are derived from scope and subject, so they stay. */
export function formatPresRules(rules: readonly PresenceRule[]): string {
  return (
    `${XML_DECLARATION}<ruleset xmlns="${COMMON_POLICY_NAMESPACE}" xmlns:pr="${HANDLING_NAMESPACE}" xmlns:ra="${ACCESS_NAMESPACE}">\n` +
    `${rules.map(formatRule).join('')}</ruleset>\n`
  );
}

function formatRule(rule: PresenceRule): string {
  const { level, communication } = rule;
  const standard = level === undefined ? undefined : HANDLING[level];
  const actions =
    (standard === undefined
      ? ''
      : `<pr:sub-handling>${standard.handling}</pr:sub-handling><ra:level>${level}</ra:level>`) +
    (communication === undefined ? '' : `<ra:communication>${communication}</ra:communication>`);
  const transformations = standard?.transformations ?? '';
  return (
    `  <rule id="${escapeAttribute(idOf(rule))}"><conditions><identity>${formatIdentity(rule)}</identity></conditions>` +
    `<actions>${actions}</actions>` +
    `${transformations === '' ? '' : `<transformations>${transformations}</transformations>`}</rule>\n`
  );
}

function formatIdentity({ scope, subject }: PresenceRule): string {
  if (scope === 'everyone') return '<many/>';
  return scope === 'domain'
    ? `<many domain="${escapeAttribute(subject)}"/>`
    : `<one id="${escapeAttribute(formatAddress(subject))}"/>`;
}

/** `user-bob_40example.org`: an xs:ID has neither @ nor most of what a user part may have. */
export function idOf({ scope, subject }: Pick<PresenceRule, 'scope' | 'subject'>): string {
  if (scope === 'everyone') return 'everyone';
  const escaped = Buffer.from(subject, 'utf8')
    .toString('latin1')
    .replace(/[^A-Za-z0-9.-]/g, (byte) => `_${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `${scope}-${escaped}`;
}
