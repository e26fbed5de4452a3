import { checkInteger } from '../array-parameter.ts';
import type { Connections, Row } from '../connections.ts';
import { readAddress } from './change-contacts.ts';
import type { Contact, ContactList, FindContactsRequest } from './contact.ts';

/** The contact list of an account, or what has changed in it. An account that there is not has an empty one. */
export async function findContacts(
  connections: Connections,
  { accountId, since }: FindContactsRequest,
): Promise<ContactList> {
  checkInteger('since', since, 0, Number.MAX_SAFE_INTEGER);
  const [head, ...rows] = await connections.call({
    name: 'find_contacts',
    text: 'select * from api.find_contacts($1, $2)',
    values: [accountId, since],
  });
  const list: ContactList = {
    ...{ version: head![1] as number, full: head![2] as boolean, removed: head![3] as boolean },
    ...{ groups: [], contacts: [], removedGroups: [], removedContacts: [] },
  };
  for (const row of rows) addRow(list, row);
  return list;
}

function addRow(list: ContactList, row: Row): void {
  const [kind, id, , removed, name, position, address] = row as [string, number, null, boolean, string, number, string];
  if (kind === 'group') {
    if (removed) list.removedGroups.push(id);
    else list.groups.push({ id, name, position });
    return;
  }
  if (removed) list.removedContacts.push(readAddress(address));
  else list.contacts.push(readContact(row));
}

function readContact(row: Row): Contact {
  const [displayName, position, address, note, groups, inPool] = row.slice(4) as [
    string | null,
    number,
    string,
    string | null,
    number[],
    boolean,
  ];
  return {
    ...readAddress(address),
    ...(displayName !== null && { displayName }),
    ...(note !== null && { note }),
    ...{ position, groups, inPool },
  };
}
