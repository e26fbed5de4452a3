import { checkInteger, checkText } from '../array-parameter.ts';
import type { Connections, Row } from '../connections.ts';
import { readAddress } from '../contact/change-contacts.ts';
import type {
  FindPersonRequest,
  FoundPerson,
  ListPeopleRequest,
  PeopleList,
  Person,
  SearchPeopleRequest,
} from './person.ts';

/** api.search_people: the best first. */
export async function searchPeople(
  connections: Connections,
  { readerId, query, limit }: SearchPeopleRequest,
): Promise<FoundPerson[]> {
  checkText('query', query);
  checkInteger('limit', limit, 1, 100);
  const rows = await connections.call({
    name: 'search_people',
    text: 'select * from api.search_people($1, $2, $3)',
    values: [readerId, query, limit],
  });
  return rows.map(([isSimilar, ...person]) => ({ ...readPerson(person), isSimilar: isSimilar as boolean }));
}

export async function findPerson(
  connections: Connections,
  { readerId, address: { user, domain } }: FindPersonRequest,
): Promise<Person | undefined> {
  checkText('user', user);
  checkText('domain', domain);
  const [row] = await connections.call({
    name: 'find_person',
    text: 'select * from api.find_person($1, $2, $3)',
    values: [readerId, user, domain],
  });
  return row && readPerson(row);
}

/** A page of all people, or of those that have changed. */
export async function listPeople(
  connections: Connections,
  { readerId, known, limit }: ListPeopleRequest,
): Promise<PeopleList> {
  checkInteger('limit', limit, 1, 1000);
  const { version, after = { accountId: Number.MAX_SAFE_INTEGER, base: version } } = known ?? {};
  for (const one of [version, after.accountId, after.base]) checkInteger('known', one, 0, Number.MAX_SAFE_INTEGER);
  const [head, ...rows] = await connections.call({
    name: 'list_people',
    text: 'select * from api.list_people($1, $2, $3, $4, $5)',
    values: [readerId, version, after.accountId, after.base, limit],
  });
  const [, current, , full] = head as [string, number, null, boolean];
  const list: PeopleList = { full, people: [], removed: [], more: false, known: { version: current } };
  for (const [kind, version, accountId, , ...person] of rows as [string, number, number, null, ...Row][]) {
    if (kind === 'person') list.people.push(readPerson(person));
    else if (kind === 'removed') list.removed.push(readAddress(person[0] as string));
    else {
      list.more = true;
      list.known = { version, after: { accountId, base: full ? current : (after.base ?? current) } };
    }
  }
  return list;
}

type Text = string | null;

function readPerson(row: Row): Person {
  const [
    address,
    displayName,
    givenName,
    surname,
    mail,
    phones,
    title,
    department,
    company,
    office,
    manager,
    photoHash,
    inDirectory,
  ] = row as [string, Text, Text, Text, Text, Person['phones'] | null, Text, Text, Text, Text, Text, Text, boolean];
  const texts = { displayName, givenName, surname, mail, title, department, company, office, photoHash };
  return {
    ...readAddress(address),
    ...(Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== null)) as Partial<Person>),
    phones: phones ?? [],
    ...(manager && { manager: readAddress(manager) }),
    inDirectory,
  };
}
