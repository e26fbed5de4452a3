import { type Level, SEEN } from './levels.ts';
import { availabilityOf, isBusy, OFFLINE, type Published, type Shown, shownOf } from './shown.ts';

/** user@domain of an account of the pool. */
export type Name = string;

export interface Rule {
  scope: 'user' | 'domain' | 'everyone';
  /** user@domain, domain, or ''. */
  subject: string;
  level: Level;
}

interface Account {
  readonly aliases: readonly Name[];
  /** Instances that are registered, until when. */
  readonly endpoints: Map<string, number>;
  /** By instance, and BY_HAND. `changed` counts up with each change in the pool. */
  readonly publications: Map<string, { state: Published; changed: number; until: number }>;
  readonly rules: Map<string, Rule>;
  /** Addresses of accounts of the pool. */
  readonly contacts: Set<Name>;
}

/** What a user says over HTTP, and no endpoint. */
export const BY_HAND = 'by hand';

/**
 * What the pool is to show whom, computed from what has been done to it: from the rules of docs/presence.md, and in another way
 * than the back end does it.
 */
export class PresenceModel {
  /** By name and by each alias. */
  readonly #accounts = new Map<Name, Account>();
  #changes = 0;

  addAccount(name: Name, aliases: readonly Name[] = []): void {
    const account = {
      aliases,
      ...{ endpoints: new Map<string, number>(), publications: new Map(), rules: new Map(), contacts: new Set<Name>() },
    };
    for (const one of [name, ...aliases]) this.#accounts.set(one, account);
  }

  register(name: Name, instance: string, until = Number.POSITIVE_INFINITY): void {
    this.#of(name).endpoints.set(instance, until);
  }

  isRegistered(name: Name, instance: string, at: number): boolean {
    return (this.#of(name).endpoints.get(instance) ?? 0) > at;
  }

  isAnywhere(name: Name, at: number): boolean {
    return [...this.#of(name).endpoints.values()].some((until) => until > at);
  }

  /** Whether two names are those of one account. */
  isSame(one: Name, other: Name): boolean {
    return this.#of(one) === this.#of(other);
  }

  /** What an endpoint has published ends with it. */
  unregister(name: Name, instance: string): void {
    this.#of(name).endpoints.delete(instance);
    this.#of(name).publications.delete(instance);
  }

  /** @param by an instance that is registered, or BY_HAND; undefined takes back what it has said */
  publish(
    name: Name,
    by: string,
    state: Published | undefined,
    until = Number.POSITIVE_INFINITY,
    isNew = by === BY_HAND,
  ) {
    const { publications } = this.#of(name);
    const before = publications.get(by);
    if (!state) publications.delete(by);
    // What says the same as before has not changed: another that is newer stays newer.
    else if (before && !isNew && JSON.stringify(before.state) === JSON.stringify(state)) before.until = until;
    else publications.set(by, { state, changed: ++this.#changes, until });
  }

  /** What it has said lives on. */
  refresh(name: Name, by: string, until: number): void {
    const publication = this.#of(name).publications.get(by);
    if (publication) publication.until = until;
  }

  setRule(name: Name, rule: Rule): void {
    this.#of(name).rules.set(keyOf(rule), rule);
  }

  removeRule(name: Name, rule: Pick<Rule, 'scope' | 'subject'>): void {
    this.#of(name).rules.delete(keyOf(rule));
  }

  addContact(name: Name, contact: Name): void {
    this.#of(name).contacts.add(contact);
  }

  removeContact(name: Name, contact: Name): void {
    this.#of(name).contacts.delete(contact);
  }

  contactsOf(name: Name): ReadonlySet<Name> {
    return this.#of(name).contacts;
  }

  /** Whether the account is a contact, by whatever address. */
  hasContact(name: Name, contact: Name): boolean {
    return [...this.contactsOf(name)].some((one) => this.#of(one) === this.#of(contact));
  }

  rulesOf(name: Name): Rule[] {
    return [...this.#of(name).rules.values()];
  }

  /** Publications of presence that live, also those that wait for their endpoint. */
  publications(at: number): number {
    const all = [...new Set(this.#accounts.values())].flatMap(({ publications }) => [...publications.values()]);
    return all.filter(({ until }) => until > at).length;
  }

  /** What a watcher is to see of an account. @param at ms, of performance.now() */
  shown(watcher: Name, target: Name, at = performance.now()): Shown {
    const level = this.level(watcher, target);
    if (level === 'blocked') return OFFLINE;
    const seen = SEEN[level];
    const entries = Object.entries(this.#everything(target, at)).filter(([field]) => seen.has(field));
    return Object.fromEntries(entries);
  }

  /** What its list subscription is to hold, by address. */
  shownList(watcher: Name, at = performance.now()): Map<Name, Shown> {
    return new Map([...this.contactsOf(watcher)].map((contact) => [contact, this.shown(watcher, contact, at)]));
  }

  level(watcher: Name, target: Name): Level {
    if (this.#of(watcher) === this.#of(target)) return 'personal';
    const names = [watcher, ...this.#of(watcher).aliases];
    const rules = this.rulesOf(target);
    const said = [
      rules.filter(({ scope, subject }) => scope === 'user' && names.includes(subject)),
      rules.filter(({ scope, subject }) => scope === 'domain' && names.some((one) => domainOf(one) === subject)),
      rules.filter(({ scope }) => scope === 'everyone'),
    ].find((alike) => alike.length > 0);
    if (!said) return domainOf(watcher) === domainOf(target) ? 'company' : 'public';
    return said.map(({ level }) => level).sort((a, b) => SEEN[a].rank - SEEN[b].rank)[0]!;
  }

  #everything(name: Name, at: number): Shown {
    const account = this.#of(name);
    const endpoints = [...account.endpoints].flatMap(([instance, until]) => (until > at ? [instance] : []));
    const publications = new Map(
      [...account.publications].filter(([by, { until }]) => until > at && (by === BY_HAND || endpoints.includes(by))),
    );
    const newestFirst = [...publications.values()].sort((a, b) => b.changed - a.changed).map(({ state }) => state);
    const newest = <Field extends keyof Published>(field: Field): Published[Field] | undefined =>
      newestFirst.find((state) => state[field] !== undefined)?.[field];

    const machines = endpoints.flatMap((instance) => {
      const state = publications.get(instance)?.state;
      if (state && !state.open) return [];
      return [state?.idle ? 4500 : 3000];
    });
    const machine = Math.min(...machines);
    const stated = newest('stated') ?? (isBusy(newest('activity')) ? 'busy' : 'available');
    const availability = machines.length === 0 ? 18_000 : availabilityOf(stated, machine);
    return shownOf(availability, {
      ...{ activity: newest('activity'), note: newest('note'), calendar: newest('calendar'), phone: newest('phone') },
      ...{ location: newest('location'), idleSince: newest('idleSince'), service: newest('service') },
      displayName: newest('displayName'),
    });
  }

  #of(name: Name): Account {
    const account = this.#accounts.get(name);
    if (!account) throw new Error(`no account ${name}`);
    return account;
  }
}

function keyOf({ scope, subject }: Pick<Rule, 'scope' | 'subject'>): string {
  return `${scope} ${subject}`;
}

function domainOf(name: Name): string {
  return name.slice(name.lastIndexOf('@') + 1);
}
