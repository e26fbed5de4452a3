import { AndFilter, ExtensibleFilter, type Filter, OrFilter } from 'ldapts';
import type { FoundEntry } from './answers.ts';
import type { DirectoryConnection } from './connection.ts';
import { anyOf, type DirectoryFacts, readEntry } from './facts.ts';
import { batches, idOf, readPaged } from './read-entries.ts';

const GROUP_CLASSES = ['group', 'groupOfNames', 'groupOfUniqueNames', 'groupOfEntries'];
const GROUPS: Filter = anyOf('objectClass', GROUP_CLASSES);

/** [MS-ADTS] 3.1.1.3.4.4.3: members of members too */
const IN_CHAIN = '1.2.840.113556.1.4.1941';

/** A stream of people in which changes of groups are seen as well. */
export function withGroups(filter: Filter, groups: readonly string[]): Filter {
  return groups.length === 0 ? filter : new OrFilter({ filters: [filter, GROUPS] });
}

export function isGroup({ attributes }: FoundEntry): boolean {
  const classes = (attributes.get('objectclass') ?? []).map((value) => value.toString('latin1').toLowerCase());
  return GROUP_CLASSES.some((name) => classes.includes(name.toLowerCase()));
}

/** Who is in which of the configured groups, by id; read whole, since an entry does not say it everywhere. */
export class Membership {
  readonly #groups: readonly string[];
  #members = new Map<string, ReadonlySet<string>>();

  constructor(groups: readonly string[]) {
    this.#groups = groups;
  }

  get isRead(): boolean {
    return this.#members.size === this.#groups.length;
  }

  /** The groups of an entry, as the configuration spells them. */
  groupsOf(id: string): readonly string[] {
    return this.#groups.filter((group) => this.#members.get(group)?.has(id));
  }

  /** @returns ids whose groups are others than before, or than `known` says */
  async read(
    connection: DirectoryConnection,
    facts: DirectoryFacts,
    known?: (group: string) => Promise<readonly string[]>,
  ): Promise<Set<string>> {
    const changed = new Set<string>();
    const members = new Map<string, ReadonlySet<string>>();
    for (const group of this.#groups) {
      const now = await readMembers(connection, facts, group);
      members.set(group, now);
      const before = this.#members.get(group);
      if (before) addDifference(changed, before, now);
      if (known) addDifference(changed, new Set(await known(group)), now);
    }
    this.#members = members;
    return changed;
  }
}

function addDifference(changed: Set<string>, before: ReadonlySet<string>, now: ReadonlySet<string>): void {
  for (const id of before.symmetricDifference(now)) changed.add(id);
}

async function readMembers(
  connection: DirectoryConnection,
  facts: DirectoryFacts,
  group: string,
): Promise<Set<string>> {
  const ids = new Set<string>();
  const attributes = [facts.identity.attribute];
  if (facts.kind === 'active-directory') {
    const filter = new ExtensibleFilter({ rule: IN_CHAIN, matchType: 'memberOf', value: group });
    const search = {
      base: facts.base,
      filter: new AndFilter({ filters: [facts.filter, filter] }),
      attributes,
      pageSize: 1000,
    };
    for await (const entry of readPaged(connection, search)) ids.add(idOf(facts, entry));
    return ids;
  }
  const found = await readEntry(connection, group, ['member', 'uniqueMember']);
  const names = [...(found?.attributes.get('member') ?? []), ...(found?.attributes.get('uniquemember') ?? [])].map(
    String,
  );
  for await (const entry of readByName(connection, facts, names)) ids.add(idOf(facts, entry));
  return ids;
}

/** OpenLDAP finds entryDN (RFC 5020) by its index of names; others are asked for one after another. */
async function* readByName(
  connection: DirectoryConnection,
  { kind, base, identity }: DirectoryFacts,
  names: readonly string[],
): AsyncGenerator<FoundEntry> {
  const attributes = [identity.attribute];
  if (kind !== 'openldap') {
    for (const name of names) {
      const entry = await readEntry(connection, name, attributes);
      if (entry) yield entry;
    }
    return;
  }
  for (const some of batches(names)) {
    yield* readPaged(connection, { base, filter: anyOf('entryDN', some), attributes, pageSize: 100 });
  }
}
