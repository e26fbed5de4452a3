import { attribute, escapeAttribute, escapeText, XML_DECLARATION } from '../xml/write-xml.ts';

export const WATCHERINFO_TYPE = 'application/watcherinfo+xml';

export interface Watcher {
  id: string;
  /** `sip:user@domain` */
  uri: string;
  displayName?: string;
  status: 'pending' | 'active' | 'waiting' | 'terminated';
  event: 'subscribe' | 'approved' | 'deactivated' | 'probation' | 'rejected' | 'timeout' | 'giveup' | 'noresource';
  /** s that are left, and since it subscribed. */
  expiration?: number;
  durationSubscribed?: number;
}

export interface WatcherList {
  /** Whose watchers: `sip:user@domain`. */
  resource: string;
  package: string;
  watchers: readonly Watcher[];
}

/** RFC 3858 §4. */
export function formatWatcherinfo(
  lists: readonly WatcherList[],
  { version, fullState }: { version: number; fullState: boolean },
): string {
  const state = fullState ? 'full' : 'partial';
  return `${XML_DECLARATION}<watcherinfo xmlns="urn:ietf:params:xml:ns:watcherinfo" version="${version}" state="${state}">${lists.map(formatWatchers).join('')}</watcherinfo>\n`;
}

function formatWatchers({ resource, package: event, watchers }: WatcherList): string {
  const content = watchers.map(formatWatcher).join('');
  return `<watcher-list resource="${escapeAttribute(resource)}" package="${escapeAttribute(event)}">${content}</watcher-list>`;
}

function formatWatcher({ id, uri, displayName, status, event, expiration, durationSubscribed }: Watcher): string {
  return (
    `<watcher id="${escapeAttribute(id)}" status="${status}" event="${event}"${attribute('display-name', displayName)}` +
    `${attribute('expiration', expiration)}${attribute('duration-subscribed', durationSubscribed)}>${escapeText(uri)}</watcher>`
  );
}
