import { checkText } from '../array-parameter.ts';
import type { DirectoryChangeRequest } from './directory-change.ts';
import type { LockedConnection } from './locked-connection.ts';

const MAXIMUM_BYTES = 255;

export async function stageDirectoryChanges(
  connection: LockedConnection,
  changes: readonly DirectoryChangeRequest[],
): Promise<void> {
  if (changes.length === 0) return;
  await connection.call({
    name: 'stage_directory_changes',
    text: 'select api.stage_directory_changes($1)',
    values: [JSON.stringify(changes.map((change) => stagedRow(change)))],
  });
}

function stagedRow(change: DirectoryChangeRequest): object {
  if (change.kind === 'gone') return change;
  if (change.kind === 'skipped') {
    const { id, kind, dn, reason, detail } = change;
    return { id, kind, dn: storable(dn), problem: reason, detail: detail && storable(detail) };
  }
  const { id, dn, user, domain, enabled, role, passwordChangedAt, signInName, ...person } = change.person;
  const detail = mistakeIn(change.person);
  if (detail !== undefined) return { id, kind: 'skipped', dn: storable(dn), problem: 'malformed', detail };
  return {
    ...{ id, kind: 'person', dn, user, domain, enabled, role, passwordChangedAt, signInName, person },
    // In one order, so that the same groups are no change.
    groups: change.groups.toSorted(),
  };
}

/** One entry that cannot be stored is not to keep the others of its batch out. */
function mistakeIn(person: object & { user: string; domain: string }): string | undefined {
  for (const name of ['user', 'domain'] as const) {
    const bytes = Buffer.byteLength(person[name]);
    if (bytes === 0 || bytes > MAXIMUM_BYTES)
      return `the ${name} of its address has ${bytes} bytes, not 1 to ${MAXIMUM_BYTES}`;
  }
  if (person.domain !== person.domain.toLowerCase()) return 'the domain of its address is not in lower case';
  try {
    JSON.stringify(person, (_, value) => {
      if (typeof value === 'string') checkText('a value', value);
      return value;
    });
  } catch {
    return 'a value has U+0000 or half of a surrogate pair';
  }
  return undefined;
}

function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}
