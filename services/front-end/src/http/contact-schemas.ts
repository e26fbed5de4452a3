/** Schemas of contact lists. */
import { address, object } from './schemas.ts';

const position = { type: 'integer', minimum: 0, maximum: 0x7fff_ffff };
const groupId = { type: 'integer', minimum: 1, maximum: 0x7fff_ffff };
const groupName = { type: 'string', minLength: 1, maxLength: 255 };
const nullable = (maxLength: number) => ({ type: ['string', 'null'], maxLength });

export const version = { type: 'integer', description: 'Of the whole list, as in ETag' };

export const group = object({ id: { type: 'integer' }, name: { type: 'string' }, position: { type: 'integer' } });

export const contact = object({
  address,
  displayName: { type: ['string', 'null'] },
  note: { type: ['string', 'null'] },
  groups: { type: 'array', items: { type: 'integer' }, description: 'Ids of groups' },
  position: { type: 'integer', description: 'Contacts are in the order of this, then of their addresses' },
  inPool: { type: 'boolean', description: 'An account of the pool: it has presence' },
});

export const givenGroup = { id: groupId, name: groupName, position };

export const givenContact = {
  displayName: nullable(255),
  note: nullable(1023),
  groups: {
    type: 'array',
    maxItems: 64,
    items: { anyOf: [groupId, groupName] },
    description: 'Ids, or names of groups that there are or that the same request makes',
  },
  position: { ...position, description: 'A new one goes last' },
};

const contacts = (description: string) => ({
  type: 'array',
  maxItems: 1000,
  items: object({ address, ...givenContact }, ['address']),
  description,
});

const groups = (description: string) => ({ type: 'array', maxItems: 64, items: object(givenGroup, []), description });

export const wholeList = object(
  {
    groups: groups('All of them, in order; those of a name that there is keep their ids'),
    contacts: contacts('All of them, in order'),
  },
  ['contacts'],
);

export const someOfList = object(
  {
    groups: groups('With an id, or a name that there is: changed; else made'),
    contacts: contacts('Added or changed; what is left out of one stays as it is, null takes it away'),
    removedGroups: { type: 'array', maxItems: 64, items: groupId, description: 'Their members stay' },
    removedContacts: { type: 'array', maxItems: 1000, items: address },
  },
  [],
);

export const shownList = object({
  version,
  full: { type: 'boolean', description: 'false: what has changed since the version asked about' },
  groups: { type: 'array', items: group },
  contacts: { type: 'array', items: contact },
  removedGroups: { type: 'array', items: { type: 'integer' } },
  removedContacts: { type: 'array', items: address },
});

export const headers = {
  type: 'object',
  properties: { 'if-match': { type: 'string', description: 'The ETag of the list that is to be changed' } },
};
