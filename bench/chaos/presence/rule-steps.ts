import type { RuleSubject } from '@rollcall/back-end';
import { LEVELS } from './levels.ts';
import { BY_HAND, type Rule } from './model.ts';
import { someStated } from './published.ts';
import type { Published } from './shown.ts';
import type { Player, Stage } from './stage.ts';

/** One in so many times nobody is told: the poll of the front ends finds it. */
const LOST_WAKE_UPS = 0.15;
const MAXIMUM_CONTACTS = 8;

/** Changes something, and nobody is told. */
export async function changeSilently(stage: Stage, player: Player): Promise<string> {
  const change = player.chance.of([changeRule, changeContacts, sayByHand]);
  return change({ ...stage, tell: () => {} }, player);
}

/** Lets somebody see more or less. */
export async function changeRule(stage: Stage, player: Player): Promise<string> {
  const { chance, name, user, domain, accountId } = player;
  const account = { user, domain };
  const rules = stage.model.rulesOf(name);
  if (rules.length > 0 && chance.happens(0.35)) {
    const rule = chance.of(rules);
    const { outcome } = await stage.backEnd.removeAccessRule({ account, subject: subjectOf(rule) });
    if (outcome !== 'removed') stage.ledger.broken.push(`${name}: rule of ${rule.subject} removed: ${outcome}`);
    stage.model.removeRule(name, rule);
    tell(stage, player, [accountId]);
    return `no rule for ${rule.scope} ${rule.subject}`;
  }
  const scope = chance.of(['user', 'user', 'user', 'domain', 'everyone'] as const);
  const subject = { user: () => chance.of([...stage.names, ...stage.aliases]), domain: () => chance.of(stage.domains) };
  const rule: Rule = { scope, subject: scope === 'everyone' ? '' : subject[scope](), level: chance.of(LEVELS) };
  const { outcome } = await stage.backEnd.setAccessRule({ account, subject: subjectOf(rule), level: rule.level });
  if (outcome !== 'set' && outcome !== 'unchanged') stage.ledger.broken.push(`${name}: rule set: ${outcome}`);
  stage.model.setRule(name, rule);
  tell(stage, player, [accountId]);
  return `${rule.scope} ${rule.subject}: ${rule.level}`;
}

/** Adds somebody to the contact list, or removes somebody. */
export async function changeContacts(stage: Stage, player: Player): Promise<string> {
  const { chance, name, accountId, credentialVersion } = player;
  const contacts = [...stage.model.contactsOf(name)];
  const removes = contacts.length > 0 && (contacts.length >= MAXIMUM_CONTACTS || chance.happens(0.35));
  const contact = chance.of(removes ? contacts : [...stage.names, ...stage.aliases]);
  // Two addresses of one account are one resource of a list.
  if (!removes && stage.model.hasContact(name, contact)) return `has ${contact}`;
  const address = addressOf(contact);
  const outcome = await stage.backEnd.changeContacts({
    ...{ accountId, credentialVersion },
    ...(removes ? { removedContacts: [address] } : { contacts: [{ ...address, displayName: contact }] }),
  });
  if (outcome.outcome !== 'changed') stage.ledger.broken.push(`${name}: contacts: ${outcome.outcome}`);
  if (removes) stage.model.removeContact(name, contact);
  else stage.model.addContact(name, contact);
  tell(stage, player, [accountId]);
  return `${removes ? 'without' : 'with'} ${contact}`;
}

/** Says something by hand, or takes it back. */
export async function sayByHand(stage: Stage, player: Player): Promise<string> {
  const { chance, accountId } = player;
  const state = chance.happens(0.4) ? undefined : someStated(chance, stage.count());
  const expires = state && chance.happens(0.4) ? Math.round(chance.between(2, 8)) : undefined;
  await say(stage, player, state, expires);
  tell(stage, player, [accountId]);
  return `${JSON.stringify(state)} for ${expires} s`;
}

async function say(
  { backEnd, model, ledger }: Stage,
  { name, accountId, credentialVersion }: Player,
  state: Published | undefined,
  expires?: number,
): Promise<void> {
  const rest = expires === undefined ? {} : { expires };
  const { outcome } = await backEnd.setPresence({ accountId, credentialVersion, state: state ?? null, ...rest });
  if (outcome !== 'set') ledger.broken.push(`${name}: by hand: ${outcome}`);
  model.publish(name, BY_HAND, state, expires && performance.now() + expires * 1000);
}

/** Says something for some seconds. */
export async function sayBriefly(stage: Stage, player: Player, seconds: number): Promise<string> {
  const state = someStated(player.chance, stage.count());
  await say(stage, player, state, seconds);
  stage.tell([player.accountId]);
  return `${JSON.stringify(state)} for ${seconds} s`;
}

function tell(stage: Stage, { chance }: Player, accountIds: readonly number[]): void {
  if (!chance.happens(LOST_WAKE_UPS)) stage.tell(accountIds);
}

function subjectOf({ scope, subject }: Pick<Rule, 'scope' | 'subject'>): RuleSubject {
  if (scope === 'everyone') return { scope };
  return scope === 'domain' ? { scope, domain: subject } : { scope, ...addressOf(subject) };
}

function addressOf(name: string): { user: string; domain: string } {
  const at = name.lastIndexOf('@');
  return { user: name.slice(0, at), domain: name.slice(at + 1) };
}
