import { formatAddress } from '../xml/sip-address.ts';
import { attribute, escapeAttribute, escapeText, XML_DECLARATION } from '../xml/write-xml.ts';
import {
  CONTACT_NAMESPACE,
  type ContactDocument,
  type DocumentContact,
  RESOURCE_LISTS_NAMESPACE,
} from './contact-document.ts';

/**
 * RFC 4826 §3. A contact in several groups is an entry in each of their lists; those in none are in a last list without a name,
 * which is left out when it would be empty.
 */
export function formatResourceLists({ groups, contacts }: ContactDocument): string {
  const members = new Map<string, string[]>(groups.map(({ name }) => [name, []]));
  const alone: string[] = [];
  for (const contact of contacts) {
    const entry = formatEntry(contact);
    const names = [...new Set(contact.groups)].filter((name) => members.has(name));
    if (names.length === 0) alone.push(entry);
    for (const name of names) members.get(name)!.push(entry);
  }
  const lists = [...members].map(([name, entries]) => formatList(name, entries));
  if (alone.length > 0) lists.push(formatList(undefined, alone));
  return (
    `${XML_DECLARATION}<resource-lists xmlns="${RESOURCE_LISTS_NAMESPACE}" xmlns:rc="${CONTACT_NAMESPACE}">\n` +
    `${lists.join('')}</resource-lists>\n`
  );
}

function formatList(name: string | undefined, entries: string[]): string {
  return `  <list${attribute('name', name)}>\n${entries.join('')}  </list>\n`;
}

function formatEntry({ address, displayName, note }: DocumentContact): string {
  const content =
    (displayName === undefined ? '' : `<display-name>${escapeText(displayName)}</display-name>`) +
    (note === undefined ? '' : `<rc:note>${escapeText(note)}</rc:note>`);
  const uri = escapeAttribute(formatAddress(address));
  return content === '' ? `    <entry uri="${uri}"/>\n` : `    <entry uri="${uri}">${content}</entry>\n`;
}
