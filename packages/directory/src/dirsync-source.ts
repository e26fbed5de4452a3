import { FilterParser } from 'ldapts';
import type { DirectoryConnection } from './connection.ts';
import { DIRSYNC, dirSync, readDirSync } from './controls.ts';
import { protocolError, resultError } from './errors.ts';
import { idOf, readById, readPaged } from './read-entries.ts';
import { type Asked, StartOver, type Stream } from './stream.ts';

// Deleted entries keep their objectClass, but not their objectCategory.
const USERS = '(&(objectClass=user)(!(objectClass=computer)))';
const EMPTY = Buffer.alloc(0);

/** Active Directory's DirSync ([MS-ADTS] 3.1.1.3.4.1.3). The mark is its cookie. */
export const readDirSyncChanges: Stream = async function* (connection, asked) {
  const { facts, attributes, groups, pageSize, mark } = asked;
  const own = [...attributes, facts.identity.attribute];
  if (mark === undefined) {
    // First where changes begin, then everything: what happens in between comes again with the next run.
    let cookie = EMPTY as Buffer;
    for await (const page of readPages(connection, asked, EMPTY, [facts.identity.attribute])) cookie = page.cookie;
    asked.setMark(cookie.toString('base64'));
    const search = { base: facts.base, filter: facts.filter, attributes: own, pageSize };
    for await (const entry of readPaged(connection, search)) yield { kind: 'entry', id: idOf(facts, entry), entry };
    return;
  }
  // Without `name`, renames and moves are not told.
  const watched = [...own, 'name', 'isDeleted', 'objectClass', ...(groups.length > 0 ? ['member'] : [])];
  for await (const page of readPages(connection, asked, Buffer.from(mark, 'base64'), watched)) {
    asked.setMark(page.cookie.toString('base64'));
    // Only what has changed of an entry is told, and its DN may be of another who came after it: so it is read again.
    const unseen = new Set([...page.changed, ...page.deleted]);
    for await (const entry of readById(connection, facts, page.changed, own)) {
      const id = idOf(facts, entry);
      unseen.delete(id);
      yield { kind: 'entry', id, entry };
    }
    for (const id of unseen) yield { kind: 'gone', id };
    if (unseen.size > 0) yield { kind: 'group' };
  }
};

interface Page {
  readonly cookie: Buffer;
  readonly changed: ReadonlySet<string>;
  readonly deleted: ReadonlySet<string>;
}

async function* readPages(
  connection: DirectoryConnection,
  { facts, groups }: Asked,
  from: Buffer,
  attributes: readonly string[],
): AsyncGenerator<Page> {
  const filter = FilterParser.parseString(groups.length > 0 ? `(|${USERS}(objectClass=group))` : USERS);
  let cookie = from;
  for (let more = true; more; ) {
    const [changed, deleted] = [new Set<string>(), new Set<string>()];
    const search = { base: facts.root, filter, attributes, controls: [dirSync(cookie)] };
    for await (const message of connection.search(search)) {
      if (message.kind === 'entry') {
        const isDeleted = String(message.attributes.get('isdeleted')?.[0]) === 'TRUE';
        (isDeleted ? deleted : changed).add(idOf(facts, message));
      }
      if (message.kind !== 'result') continue;
      const { code, said, controls } = message;
      // A cookie that the server does not take is answered in several ways (Samba: 12).
      if (code !== 0 && from.length > 0 && [1, 2, 12, 53].includes(code)) throw new StartOver();
      if (code !== 0) throw resultError(connection.server.url, code, said);
      const answer = controls.get(DIRSYNC);
      if (!answer) throw protocolError(connection.server.url, 'a DirSync answer without its cookie');
      ({ cookie, more } = readDirSync(answer));
    }
    yield { cookie, changed, deleted };
  }
}
