/** A resource-lists document (RFC 4826). */
export const lists = (inner: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">${inner}</resource-lists>`;

export const entry = (user: string, name = '') =>
  `<entry uri="sip:${user}@example.org">${name && `<display-name>${name}</display-name>`}</entry>`;

export const FRIENDS = lists(`<list name="friends">${entry('bob', 'Bob')}${entry('carol')}</list><list name="work"/>`);

/** The node of the first list of FRIENDS. */
export const LIST = 'resource-lists/list[@name="friends"]';

/** A list that has nobody. */
export const EMPTY_LIST =
  '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list name="friends"/></resource-lists>';
