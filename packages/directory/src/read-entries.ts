import type { Filter } from 'ldapts';
import type { FoundEntry } from './answers.ts';
import type { DirectoryConnection } from './connection.ts';
import { PAGED_RESULTS, pagedResults, readPagedResults } from './controls.ts';
import { DirectoryError, resultError } from './errors.ts';
import { allOf, anyOf, type DirectoryFacts } from './facts.ts';

export interface PagedSearch {
  readonly base: string;
  readonly filter: Filter;
  readonly attributes: readonly string[];
  readonly pageSize: number;
}

/** All entries that a filter finds, a page at a time (RFC 2696). */
export async function* readPaged(connection: DirectoryConnection, search: PagedSearch): AsyncGenerator<FoundEntry> {
  const { pageSize, ...asked } = search;
  let cookie: Buffer = Buffer.alloc(0);
  do {
    const controls = [pagedResults(pageSize, cookie)];
    for await (const message of connection.search({ ...asked, controls })) {
      if (message.kind === 'entry') yield message;
      if (message.kind !== 'result') continue;
      if (message.code !== 0) throw resultError(connection.server.url, message.code, message.said);
      const answer = message.controls.get(PAGED_RESULTS);
      cookie = answer ? readPagedResults(answer) : Buffer.alloc(0);
    }
  } while (cookie.length > 0);
}

const AT_ONCE = 100;

/** The people among entries of these ids, as they are now; who is not found is gone or no person (any more). */
export async function* readById(
  connection: DirectoryConnection,
  { base, filter, identity }: DirectoryFacts,
  ids: Iterable<string>,
  attributes: readonly string[],
): AsyncGenerator<FoundEntry> {
  for (const some of batches(ids)) {
    const values = some.map((id) => identity.toValue(id));
    const search = { base, filter: allOf(filter, anyOf(identity.attribute, values)), attributes, pageSize: AT_ONCE };
    yield* readPaged(connection, search);
  }
}

export function* batches<T>(items: Iterable<T>): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** @throws DirectoryError for an entry that does not show its id */
export function idOf({ identity }: DirectoryFacts, { dn, attributes }: FoundEntry): string {
  const value = attributes.get(identity.attribute.toLowerCase())?.[0];
  if (value) return identity.toText(value);
  throw new DirectoryError('refused', `${dn} shows no ${identity.attribute}: let the bind account read it.`);
}
