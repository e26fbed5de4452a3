export const RESOURCE_LISTS_TYPE = 'application/resource-lists+xml';
export const RESOURCE_LISTS_NAMESPACE = 'urn:ietf:params:xml:ns:resource-lists';
/** Ours, for what RFC 4826 has no element for: the note of a contact. */
export const CONTACT_NAMESPACE = 'urn:rollcall:contact';

/** A contact list, in its order. Groups are known by their names, which are unique; `groups` empty: in none. */
export interface ContactDocument {
  groups: { name: string }[];
  contacts: { /** user@domain */ address: string; displayName?: string; note?: string; groups: string[] }[];
}

/**
 * Reads an RFC 4826 document: each list is a group, the list without a name holds the contacts of none.
 *
 * @throws {DocumentError}
 */
export function readResourceLists(_document: string | Buffer): ContactDocument {
  throw new Error('not yet');
}

export function formatResourceLists(_contacts: ContactDocument): string {
  throw new Error('not yet');
}
