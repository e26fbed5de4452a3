import type { TestDirectory } from '@rollcall/test-kit';
import { Client, type Entry } from 'ldapts';
import type { Details, Listed } from './model.ts';

/** How the directory is to be read: what the replicator is told by its settings. */
export interface Reading {
  readonly filter: string;
  /** Its members are administrators. */
  readonly administrators: string;
  /** Of the pool. */
  readonly domains: readonly string[];
}

const DETAILS = {
  displayName: 'displayName',
  givenName: 'givenName',
  sn: 'surname',
  mail: 'mail',
  title: 'title',
  departmentNumber: 'department',
  telephoneNumber: 'work',
  mobile: 'mobile',
} as const;

/** All people of the directory by a plain paged search, and not with packages/directory. */
export async function listPeople(directory: TestDirectory, reading: Reading): Promise<Listed[]> {
  const client = new Client({ url: directory.url });
  try {
    await client.bind(directory.bind, directory.password);
    const group = await client.search(reading.administrators, { scope: 'base', attributes: ['member'] });
    const administrators = new Set(valuesOf(group.searchEntries[0]!, 'member').map((dn) => dn.toLowerCase()));
    const { searchEntries } = await client.search(directory.base, {
      ...{ filter: reading.filter, paged: { pageSize: 1000 }, timeLimit: 0 },
      attributes: ['entryUUID', 'uid', 'cn', 'pwdAccountLockedTime', ...Object.keys(DETAILS)],
    });
    return searchEntries.map((entry) => readEntry(entry, administrators, reading.domains));
  } finally {
    await client.unbind();
  }
}

function readEntry(entry: Entry, administrators: ReadonlySet<string>, domains: readonly string[]): Listed {
  const named = valuesOf(entry, 'displayName').length > 0 ? [] : [['displayName', valuesOf(entry, 'cn')[0]]];
  const details = Object.entries(DETAILS).flatMap(([attribute, name]) => {
    const [value] = valuesOf(entry, attribute);
    return value === undefined ? [] : [[name, value]];
  });
  return {
    id: valuesOf(entry, 'entryUUID')[0]!,
    dn: entry.dn,
    address: addressOf(entry, domains),
    enabled: valuesOf(entry, 'pwdAccountLockedTime')[0] !== '000001010000Z',
    admin: administrators.has(entry.dn.toLowerCase()),
    details: Object.fromEntries([...named, ...details]) as Details,
  };
}

function addressOf(entry: Entry, domains: readonly string[]): Listed['address'] {
  const address = (valuesOf(entry, 'mail')[0] ?? `${valuesOf(entry, 'uid')[0]}@example.test`).toLowerCase();
  const parts = address.split('@');
  if (parts.length !== 2 || !parts[0]) return { problem: 'malformed' };
  return domains.includes(parts[1]!) ? address : { problem: 'domain_unknown' };
}

function valuesOf(entry: Entry, attribute: string): string[] {
  return [entry[attribute] ?? []].flat().map(String);
}
