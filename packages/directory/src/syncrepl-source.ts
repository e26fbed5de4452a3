import type { FoundEntry, Result } from './answers.ts';
import type { DirectoryConnection } from './connection.ts';
import {
  readSyncDone,
  readSyncInfo,
  readSyncState,
  SYNC_DONE,
  SYNC_INFO,
  SYNC_STATE,
  syncRequest,
} from './controls.ts';
import { protocolError, resultError } from './errors.ts';
import type { DirectoryFacts } from './facts.ts';
import { isGroup, withGroups } from './membership.ts';
import { type Asked, type Seen, StartOver, type Stream } from './stream.ts';

// RFC 4533 §2.6 e-syncRefreshRequired; OpenLDAP says unwillingToPerform to some cookies.
const REFRESH_REQUIRED = [4096, 53];

/** RFC 4533, refreshOnly. The mark is the server's cookie. */
export const readSyncrepl: Stream = async function* (connection, asked) {
  const { facts, attributes, groups, mark } = asked;
  const search = {
    base: facts.base,
    filter: withGroups(facts.filter, groups),
    attributes: [...attributes, 'objectClass'],
    controls: [syncRequest('refreshOnly', mark === undefined ? undefined : Buffer.from(mark, 'base64'))],
  };
  for await (const message of connection.search(search)) {
    if (message.kind === 'entry') yield seenEntry(connection, message, mark);
    else if (message.kind === 'result') end(connection, message, asked);
    else if (message.oid === SYNC_INFO) {
      const info = readSyncInfo(message.value);
      if (info.kind !== 'ids') continue;
      if (!info.deleted) forgotten(mark);
      else for (const id of info.ids) yield { kind: 'gone', id };
    }
  }
};

function seenEntry(connection: DirectoryConnection, entry: FoundEntry, mark: string | undefined): Seen {
  const control = entry.controls.get(SYNC_STATE);
  if (!control) throw protocolError(connection.server.url, 'an entry without its sync state');
  const { state, id } = readSyncState(control);
  if (state === 'delete') return { kind: 'gone', id };
  if (state === 'present') forgotten(mark);
  return isGroup(entry) ? { kind: 'group' } : { kind: 'entry', id, entry };
}

function end(connection: DirectoryConnection, { code, said, controls }: Result, { mark, setMark }: Asked): void {
  if (mark !== undefined && REFRESH_REQUIRED.includes(code)) throw new StartOver();
  if (code !== 0) throw resultError(connection.server.url, code, said);
  const control = controls.get(SYNC_DONE);
  const { cookie, refreshDeletes } = control ? readSyncDone(control) : { cookie: undefined, refreshDeletes: false };
  // RFC 4533 §3.3.2: without refreshDeletes, who was not listed is gone. Without a cookie, ours stays.
  if (!refreshDeletes && cookie) forgotten(mark);
  if (cookie) setMark(cookie.toString('base64'));
}

/** The server lists who is there instead of who is gone: then entries are better listed whole. */
function forgotten(mark: string | undefined): void {
  if (mark !== undefined) throw new StartOver();
}

/** RFC 4533, refreshAndPersist: ends when something happens after the mark. */
export async function waitForSyncrepl(
  connection: DirectoryConnection,
  facts: DirectoryFacts,
  groups: readonly string[],
  mark: string,
) {
  const controls = [syncRequest('refreshAndPersist', Buffer.from(mark, 'base64'))];
  const search = {
    base: facts.base,
    filter: withGroups(facts.filter, groups),
    attributes: ['1.1'],
    controls,
    waits: true,
  };
  for await (const message of connection.search(search)) {
    if (message.kind === 'entry') return;
    if (message.kind === 'intermediate' && message.oid === SYNC_INFO && readSyncInfo(message.value).kind === 'ids')
      return;
    if (message.kind !== 'result') continue;
    if (message.code === 0 || REFRESH_REQUIRED.includes(message.code)) return;
    throw resultError(connection.server.url, message.code, message.said);
  }
}
