import { AndFilter, EqualityFilter, type Filter, FilterParser, OrFilter, PresenceFilter } from 'ldapts';
import type { FoundEntry } from './answers.ts';
import type { DirectoryConnection } from './connection.ts';
import { SYNC_REQUEST } from './controls.ts';
import { DirectoryError, resultError } from './errors.ts';
import { IDENTITIES, type Identity, identityOf } from './identity.ts';
import type { DirectorySettings } from './settings.ts';
import type { DirectoryKind } from './types.ts';

/** What a source must know of its server before it reads. */
export interface DirectoryFacts {
  readonly kind: DirectoryKind;
  readonly base: string;
  /** Root of the naming context that `base` is in: where DirSync begins. */
  readonly root: string;
  readonly identity: Identity;
  /** The people. */
  readonly filter: Filter;
  /** As text, for messages and cookies. */
  readonly filterText: string;
}

const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800';

const PEOPLE: Readonly<Record<DirectoryKind, string>> = {
  'active-directory': '(&(objectCategory=person)(objectClass=user))',
  openldap: '(objectClass=inetOrgPerson)',
  other: '(objectClass=person)',
};

/** Asks the server what it is (RFC 4512 §5.1), and for the entry that everything is below. */
export async function discover(connection: DirectoryConnection, settings: DirectorySettings): Promise<DirectoryFacts> {
  const { url } = connection.server;
  const attributes = ['supportedControl', 'supportedCapabilities', 'namingContexts', 'defaultNamingContext'];
  const root = (await readEntry(connection, '', attributes))?.attributes ?? new Map<string, Buffer[]>();
  const texts = (name: string) => (root.get(name) ?? []).map((value) => value.toString());
  const kind = settings.kind ?? kindOf(texts('supportedcapabilities'), texts('supportedcontrol'));
  const contexts = texts('namingcontexts');
  const base = settings.base ?? texts('defaultnamingcontext')[0] ?? (contexts.length === 1 ? contexts[0] : undefined);
  if (!base)
    throw new DirectoryError('base_missing', `${url} has ${contexts.length} naming contexts: give --directory-base.`);
  const top = await readEntry(
    connection,
    base,
    IDENTITIES.map(({ attribute }) => attribute),
  );
  if (!top) throw resultError(url, 32, base);
  const identity = identityOf(top.attributes);
  if (!identity) {
    throw new DirectoryError(
      'refused',
      `${url} shows no entryUUID, objectGUID or nsUniqueId of ${base}: let the bind account read it.`,
    );
  }
  const filterText = settings.filter ?? PEOPLE[kind];
  return {
    kind,
    base,
    root: texts('defaultnamingcontext')[0] ?? base,
    identity,
    filter: parseFilter(filterText),
    filterText,
  };
}

function kindOf(capabilities: string[], controls: string[]): DirectoryKind {
  if (capabilities.includes(ACTIVE_DIRECTORY)) return 'active-directory';
  return controls.includes(SYNC_REQUEST) ? 'openldap' : 'other';
}

function parseFilter(text: string): Filter {
  try {
    return FilterParser.parseString(text);
  } catch (error) {
    throw new DirectoryError('refused', `--directory-filter is no LDAP filter: ${(error as Error).message}.`);
  }
}

/** One entry by its name; undefined where there is none or it may not be seen. */
export async function readEntry(
  connection: DirectoryConnection,
  dn: string,
  attributes: readonly string[],
): Promise<FoundEntry | undefined> {
  let found: FoundEntry | undefined;
  const filter = new PresenceFilter({ attribute: 'objectClass' });
  for await (const message of connection.search({ base: dn, scope: 'base', filter, attributes })) {
    if (message.kind === 'entry') found = message;
    if (message.kind === 'result' && message.code !== 0) {
      if (message.code === 32 || message.code === 34) break;
      throw resultError(connection.server.url, message.code, message.said);
    }
  }
  return found;
}

export function anyOf(attribute: string, values: readonly (Buffer | string)[]): Filter {
  return new OrFilter({
    filters: values.map(
      (value) => new EqualityFilter({ attribute, value: typeof value === 'string' ? Buffer.from(value) : value }),
    ),
  });
}

export function allOf(...filters: Filter[]): Filter {
  return new AndFilter({ filters });
}
