import { FilterParser } from 'ldapts';
import type { FoundEntry } from './answers.ts';
import { isGroup } from './membership.ts';
import { idOf, readById, readPaged } from './read-entries.ts';
import type { Stream } from './stream.ts';

/** Times have whole seconds: for so long after a last change, its second is read again. */
const SETTLES_MS = 10_000;

/** The latest modifyTimestamp seen, and when it was first seen (by this machine's clock). */
interface Mark {
  readonly time: string;
  readonly at: number;
}

/** Any other server: entries by the time of their last change. Who is gone is seen by full runs only. */
export function readPagedChanges(now: () => number): Stream {
  return async function* (connection, { facts, attributes, pageSize, mark: text, setMark }) {
    const { base, filter, identity } = facts;
    const changedAt = identity.attribute === 'objectGUID' ? 'whenChanged' : 'modifyTimestamp';
    const began = now();
    const mark = text === undefined ? undefined : (JSON.parse(text) as Mark);
    let latest = mark?.time ?? '';
    const look = (entry: FoundEntry) => {
      const time = String(entry.attributes.get(changedAt.toLowerCase())?.[0] ?? '');
      if (time > latest) latest = time;
    };
    const own = [...attributes, identity.attribute, changedAt];
    if (!mark) {
      for await (const entry of readPaged(connection, { base, filter, attributes: own, pageSize })) {
        look(entry);
        yield { kind: 'entry', id: idOf(facts, entry), entry };
      }
    } else {
      const unseen = new Set<string>();
      let groupSeen = false;
      const since = {
        base,
        filter: sinceFilter(changedAt, mark, began),
        attributes: [...own, 'objectClass'],
        pageSize,
      };
      for await (const entry of readPaged(connection, since)) {
        look(entry);
        if (isGroup(entry)) groupSeen = true;
        else unseen.add(idOf(facts, entry));
      }
      for await (const entry of readById(connection, facts, [...unseen], own)) {
        const id = idOf(facts, entry);
        unseen.delete(id);
        yield { kind: 'entry', id, entry };
      }
      for (const id of unseen) yield { kind: 'gone', id };
      if (groupSeen) yield { kind: 'group' };
    }
    setMark(JSON.stringify({ time: latest, at: latest === mark?.time ? mark.at : began }));
  };
}

/** Everything that changed, people or not: who has left the filter is found by not being among the people any more. */
function sinceFilter(changedAt: string, { time, at }: Mark, now: number) {
  const since = time === '' ? '(objectClass=*)' : `(${changedAt}>=${time})`;
  const settled = time !== '' && now - at > SETTLES_MS;
  return FilterParser.parseString(settled ? `(&${since}(!(${changedAt}=${time})))` : since);
}
