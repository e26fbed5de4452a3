import { type AddressOfRecord, checkAddressOfRecord } from '../account/address-of-record.ts';
import { checkInteger, checkText, integers, texts } from '../array-parameter.ts';
import { callAgain } from '../call-again.ts';
import type { Connections, Row } from '../connections.ts';
import type { ChangeContactsOutcome, ChangeContactsRequest, ContactChange, GroupChange } from './contact.ts';

const MAXIMUM_INTEGER = 0x7fff_ffff;

/**
 * Changes the contact list of an account, all of it or nothing; both HTTP and XCAP do it with this. After the commit tell the
 * pool with publishContactChange.
 */
export async function changeContacts(
  connections: Connections,
  request: ChangeContactsRequest,
): Promise<ChangeContactsOutcome> {
  checkChangeContactsRequest(request);
  const { groups = [], contacts = [], removedGroups = [], removedContacts = [] } = request;
  const call = {
    name: 'change_contacts',
    text: 'select * from api.change_contacts($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce($12, now()))',
    values: [
      request.accountId,
      request.credentialVersion,
      request.expectedVersion,
      request.replace ?? false,
      JSON.stringify(groups.map(({ id, name, position }) => ({ id, name, position }))),
      JSON.stringify(contacts.map(writeContact)),
      integers(removedGroups, (id) => id),
      texts(removedContacts, writeAddress),
      request.maximumGroups ?? 64,
      request.maximumContacts ?? 250,
      request.removed ?? false,
      request.now,
    ],
  };
  return readOutcome((await callAgain(connections, call))[0]!);
}

export function writeAddress({ user, domain }: AddressOfRecord): string {
  return `${user}@${domain}`;
}

/** The last "@" divides: a user part may have one, unescaped, and a domain may not. */
export function readAddress(text: string): AddressOfRecord {
  const at = text.lastIndexOf('@');
  return { user: text.slice(0, at), domain: text.slice(at + 1) };
}

function writeContact(contact: ContactChange): Record<string, unknown> {
  const { displayName, note, position, groups } = contact;
  return { address: writeAddress(contact), displayName, note, position, groups };
}

function readOutcome([outcome, version, noticed]: Row): ChangeContactsOutcome {
  switch (outcome) {
    case 'changed':
    case 'unchanged':
      return {
        ...{ outcome: 'changed', changed: outcome === 'changed', version: version as number },
        noticed: (noticed as (number | string)[]).map(Number),
      };
    case 'conflict':
      return { outcome, version: version as number };
    default:
      return { outcome } as ChangeContactsOutcome;
  }
}

function checkChangeContactsRequest(request: ChangeContactsRequest): void {
  checkInteger('expected version', request.expectedVersion, 0, Number.MAX_SAFE_INTEGER);
  for (const id of request.removedGroups ?? []) checkInteger('group', id, 1, MAXIMUM_INTEGER);
  for (const address of request.removedContacts ?? []) checkAddressOfRecord(address);
  for (const group of request.groups ?? []) checkGroup(group);
  for (const contact of request.contacts ?? []) {
    checkAddressOfRecord(contact);
    checkText('name', contact.displayName ?? undefined);
    checkText('note', contact.note ?? undefined);
    checkInteger('position', contact.position, 0, MAXIMUM_INTEGER);
    for (const group of contact.groups ?? []) checkGroup(typeof group === 'string' ? { name: group } : { id: group });
  }
}

function checkGroup({ id, name, position }: GroupChange): void {
  checkInteger('group', id, 1, MAXIMUM_INTEGER);
  checkText('name', name);
  checkInteger('position', position, 0, MAXIMUM_INTEGER);
}
