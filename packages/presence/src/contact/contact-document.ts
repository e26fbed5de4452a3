/** A contact list, in its order. Groups are known by their names, which are unique; `groups` empty: in none. */
export interface ContactDocument {
  groups: { name: string }[];
  contacts: DocumentContact[];
}

export interface DocumentContact {
  /** user@domain, the user part unescaped. */
  address: string;
  displayName?: string;
  note?: string;
  /** Names, in the order of the document's groups. */
  groups: string[];
}

export const RESOURCE_LISTS_TYPE = 'application/resource-lists+xml';
export const RESOURCE_LISTS_NAMESPACE = 'urn:ietf:params:xml:ns:resource-lists';
/** Ours, for what RFC 4826 has no element for: the note of a contact. */
export const CONTACT_NAMESPACE = 'urn:rollcall:contact';
