import { type ContactList, publishContactChange } from '@rollcall/back-end';
import {
  type ContactDocument,
  formatResourceLists,
  RESOURCE_LISTS_NAMESPACE,
  RESOURCE_LISTS_TYPE,
  readResourceLists,
} from '@rollcall/presence';
import type { XcapUsage } from './usage.ts';

const NONE: ContactDocument = { groups: [], contacts: [] };

/** RFC 4826 §3: the contact list, the same rows as /v1/contacts. */
export const resourceListsUsage: XcapUsage = {
  auid: 'resource-lists',
  contentType: RESOURCE_LISTS_TYPE,
  namespace: RESOURCE_LISTS_NAMESPACE,

  async find({ backEnd }, { accountId }) {
    const list = await backEnd.findContacts({ accountId });
    return { version: list.version, removed: list.removed, text: () => formatResourceLists(toDocument(list)) };
  },

  kept: (document) => formatResourceLists(readResourceLists(document)),

  async replace(frontEnd, { accountId, credentialVersion }, document, expectedVersion) {
    const { groups, contacts } = document === undefined ? NONE : readResourceLists(document);
    const { maxContacts } = frontEnd.settings;
    const changed = await frontEnd.backEnd.changeContacts({
      ...{
        accountId,
        credentialVersion,
        expectedVersion,
        replace: true,
        removed: document === undefined,
        groups,
        maximumContacts: maxContacts,
      },
      contacts: contacts.map(({ address, displayName, note, groups }) => ({
        ...splitAddress(address),
        ...{ displayName: displayName ?? null, note: note ?? null, groups },
      })),
    });
    publishContactChange(frontEnd.bus, accountId, changed);
    switch (changed.outcome) {
      case 'changed':
        return { outcome: 'replaced', version: changed.version };
      case 'conflict':
      case 'credentials_changed':
        return { outcome: changed.outcome };
      case 'too_many_contacts':
        return { outcome: 'refused', phrase: `A contact list has at most ${maxContacts} contacts` };
      case 'too_many_groups':
        return { outcome: 'refused', phrase: 'A contact list has at most 64 groups' };
      case 'group_unknown':
      case 'group_exists':
        return { outcome: 'refused', phrase: 'Lists have names of their own' };
    }
  },
};

function toDocument({ groups, contacts }: ContactList): ContactDocument {
  const names = new Map(groups.map(({ id, name }) => [id, name]));
  return {
    groups: groups.map(({ name }) => ({ name })),
    contacts: contacts.map(({ user, domain, displayName, note, groups }) => ({
      address: `${user}@${domain}`,
      ...(displayName !== undefined && { displayName }),
      ...(note !== undefined && { note }),
      groups: groups.flatMap((id) => names.get(id) ?? []),
    })),
  };
}

/** A user part may have an @ of its own; a domain has none. */
function splitAddress(address: string): { user: string; domain: string } {
  const at = address.lastIndexOf('@');
  return { user: address.slice(0, at), domain: address.slice(at + 1) };
}
