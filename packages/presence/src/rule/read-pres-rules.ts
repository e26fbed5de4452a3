import { DocumentError } from '../xml/document-error.ts';
import { attributeOf, childOf, childrenOf, elementsOf, textOf, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import { quote, readAddress } from '../xml/sip-address.ts';
import {
  ACCESS_NAMESPACE as ACCESS,
  COMMON_POLICY_NAMESPACE as COMMON_POLICY,
  HANDLING_NAMESPACE as HANDLING,
  LEVELS,
  type PresenceRule,
} from './presence-rule.ts';

/** 10,000 rules as `formatPresRules` writes them are 5 MB; a request may have 1 MB, which its door sees to. */
const LIMITS = { bytes: 8_000_000, elements: 150_000 };
const MAXIMUM_RULES = 10_000;

type Level = NonNullable<PresenceRule['level']>;
type Said = Pick<PresenceRule, 'level' | 'communication'>;

/**
 * Reads an RFC 5025 document. Each identity of each rule becomes a rule of the pool; what is said twice of the same subject is
 * combined (RFC 4745 §10.2). What the pool has no rules for is refused: to leave out a condition would show more than was meant.
 *
 * @throws {DocumentError} At most 10,000 rules come back, each scope and subject once.
 */
export function readPresRules(document: string | Buffer): PresenceRule[] {
  const root = readXml(document, LIMITS);
  if (root.namespace !== COMMON_POLICY || root.local !== 'ruleset') {
    throw new DocumentError('schema-validation-error', `the root element is not <ruleset> of ${COMMON_POLICY}`);
  }
  const ids = new Set<string>();
  const rules = new Map<string, PresenceRule>();
  for (const rule of childrenOf(root, COMMON_POLICY, 'rule')) {
    const id = attributeOf(rule, 'id') ?? '';
    if (!/^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(id) || ids.has(id)) {
      throw new DocumentError('schema-validation-error', `a rule has no id of its own: ${quote(id)}`);
    }
    ids.add(id);
    const said = readSaid(rule);
    for (const subject of readSubjects(rule)) {
      const key = `${subject.scope} ${subject.subject}`;
      rules.set(key, combine(rules.get(key), { ...subject, ...said }));
      if (rules.size > MAXIMUM_RULES) {
        throw new DocumentError('constraint-failure', `there are at most ${MAXIMUM_RULES} rules`);
      }
    }
  }
  return [...rules.values()];
}

/** RFC 4745 §10.2: whichever permits most. */
function combine(first: PresenceRule | undefined, second: PresenceRule): PresenceRule {
  if (first === undefined) return second;
  const combined = { ...first, ...second };
  if (first.level !== undefined && second.level !== undefined) {
    combined.level = LEVELS[Math.max(LEVELS.indexOf(first.level), LEVELS.indexOf(second.level))]!;
  }
  if ([first.communication, second.communication].includes('allow')) combined.communication = 'allow';
  return combined;
}

type Subject = Pick<PresenceRule, 'scope' | 'subject'>;

/** RFC 4745 §7. A rule without conditions is for everyone. */
function readSubjects(rule: XmlElement): Subject[] {
  const conditions = childrenOf(rule, COMMON_POLICY, 'conditions').flatMap(elementsOf);
  if (conditions.length === 0) return [{ scope: 'everyone', subject: '' }];
  if (conditions.length > 1) throw unsupported('more than one condition of a rule');
  const [condition] = conditions;
  if (condition?.namespace !== COMMON_POLICY || condition.local !== 'identity') {
    throw unsupported(`the condition <${condition?.local.slice(0, 50)}>`);
  }
  return elementsOf(condition).map(readIdentity);
}

function readIdentity(identity: XmlElement): Subject {
  if (identity.namespace !== COMMON_POLICY || (identity.local !== 'one' && identity.local !== 'many')) {
    throw unsupported(`the identity <${identity.local.slice(0, 50)}>`);
  }
  if (elementsOf(identity).length > 0)
    throw unsupported(`<${elementsOf(identity)[0]!.local.slice(0, 50)}> in an identity`);
  if (identity.local === 'one') return { scope: 'user', subject: readAddress(attributeOf(identity, 'id') ?? '') };
  const domain = attributeOf(identity, 'domain');
  if (domain === undefined) return { scope: 'everyone', subject: '' };
  if (!/^[\w.-]{1,255}$/.test(domain)) {
    throw new DocumentError('constraint-failure', `${quote(domain)} is no domain`);
  }
  return { scope: 'domain', subject: domain.toLowerCase() };
}

function readSaid(rule: XmlElement): Said {
  const actions = childOf(rule, COMMON_POLICY, 'actions');
  const level = actions && (readOwn(actions, 'level', LEVELS) ?? readHandling(rule, actions));
  const communication = actions && readOwn(actions, 'communication', ['allow', 'deny'] as const);
  if (level === undefined && communication === undefined) {
    throw new DocumentError('constraint-failure', 'a rule says nothing: it has neither sub-handling nor communication');
  }
  return { ...(level === undefined ? {} : { level }), ...(communication === undefined ? {} : { communication }) };
}

function readOwn<Value extends string>(actions: XmlElement, name: string, values: readonly Value[]): Value | undefined {
  const element = childOf(actions, ACCESS, name);
  if (element === undefined) return undefined;
  const value = values.find((one) => one === textOf(element));
  if (value === undefined)
    throw new DocumentError('schema-validation-error', `<${name}> is not one of ${values.join(', ')}`);
  return value;
}

/** What RFC 5025 §3.2.1 means in levels, where our own element does not say it. */
function readHandling(rule: XmlElement, actions: XmlElement): Level | undefined {
  const element = childOf(actions, HANDLING, 'sub-handling');
  if (element === undefined) return undefined;
  switch (textOf(element)) {
    case 'block':
    case 'polite-block':
    // The pool asks nobody: until there is another rule the watcher sees nothing.
    case 'confirm':
      return 'blocked';
    case 'allow':
      return levelOf(childrenOf(rule, COMMON_POLICY, 'transformations').flatMap(elementsOf));
  }
  throw new DocumentError('schema-validation-error', 'sub-handling is not block, confirm, polite-block or allow');
}

/** RFC 5025 §3.3: nothing is shown but what is provided, and whether somebody is there. */
function levelOf(transformations: XmlElement[]): Level {
  const provided = transformations
    .filter((one) => one.namespace === HANDLING && !['false', 'bare', '0'].includes(textOf(one)))
    .map(({ local }) => local);
  if (provided.includes('provide-all-attributes')) return 'personal';
  if (provided.includes('provide-services') && provided.includes('provide-persons')) return 'team';
  return provided.length > 0 ? 'company' : 'public';
}

function unsupported(what: string): DocumentError {
  return new DocumentError('constraint-failure', `${what} is not supported`);
}
