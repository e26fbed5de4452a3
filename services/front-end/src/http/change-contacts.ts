import {
  type ChangeContactsOutcome,
  type ChangeContactsRequest,
  type Contact,
  type ContactChange,
  type ContactGroup,
  type ContactList,
  publishContactChange,
} from '@rollcall/back-end';
import type { FrontEnd } from '../sip/context.ts';
import type { TokenHolder } from '../token/access-token.ts';
import { type AccountAddress, findAddress, showAddress } from './address.ts';
import { tokenInvalid } from './authorize.ts';
import { Problem, type ProblemName } from './problem.ts';
import { versionDiffers } from './version.ts';

/** Beside what of an account changes its contacts. */
export type ContactsChange = Omit<ChangeContactsRequest, 'accountId' | 'credentialVersion'>;

export type Changed = Extract<ChangeContactsOutcome, { outcome: 'changed' }>;

/** As the API says it: an address instead of its parts. */
export type GivenContact = Omit<ContactChange, 'user' | 'domain'>;

export interface ShownContact {
  /** `bob@example.org` */
  address: string;
  displayName: string | null;
  note: string | null;
  groups: number[];
  position: number;
  inPool: boolean;
}

const DETAILS: Partial<Record<ChangeContactsOutcome['outcome'], [ProblemName, string]>> = {
  group_exists: ['group-exists', 'Two groups would have one name'],
  too_many_contacts: ['too-many-contacts', 'The contact list would be too long'],
  too_many_groups: ['too-many-groups', 'There would be more than 64 groups'],
};

/** Changes the contacts of whoever holds the token, and then wakes those up who are to hear of it. @throws Problem 401, 409, 412, 422 */
export async function changeContacts(
  frontEnd: FrontEnd,
  holder: TokenHolder,
  change: ContactsChange,
): Promise<Changed> {
  if (!(await frontEnd.backEnd.sessionHolds(holder))) throw tokenInvalid();
  const { accountId, credentialVersion } = holder;
  const outcome = await frontEnd.backEnd.changeContacts({
    ...change,
    ...{ accountId, credentialVersion, maximumContacts: frontEnd.settings.maxContacts },
  });
  switch (outcome.outcome) {
    case 'changed':
      publishContactChange(frontEnd.bus, accountId, outcome);
      return outcome;
    case 'conflict':
      throw versionDiffers(outcome.version);
    case 'credentials_changed':
      throw tokenInvalid();
    case 'group_unknown':
      throw new Problem(422, 'group-unknown', { detail: 'One of the groups is not there' });
    default: {
      const [name, detail] = DETAILS[outcome.outcome]!;
      throw new Problem(409, name, { detail });
    }
  }
}

/** Contacts of a request's body, with their addresses read. @throws Problem 422 */
export async function readContacts(
  frontEnd: FrontEnd,
  contacts: readonly (GivenContact & { address: string })[] = [],
): Promise<ContactChange[]> {
  return Promise.all(
    contacts.map(async ({ address, ...contact }) => ({ ...contact, ...(await contactAddress(frontEnd, address)) })),
  );
}

/** @throws Problem 422 */
export async function contactAddress(frontEnd: FrontEnd, text: string): Promise<AccountAddress> {
  const address = await findAddress(frontEnd, text);
  if (!address) throw new Problem(422, 'invalid-request', { detail: `${text} is no address like bob@example.org` });
  return address;
}

export function showList({ groups, contacts, removedContacts, ...list }: ContactList) {
  return {
    ...list,
    groups: groups.map(showGroup),
    contacts: contacts.map(showContact),
    removedContacts: removedContacts.map(showAddress),
  };
}

export function showGroup({ id, name, position }: ContactGroup): ContactGroup {
  return { id, name, position };
}

export function showContact({ user, domain, displayName, note, groups, position, inPool }: Contact): ShownContact {
  return {
    address: showAddress({ user, domain }),
    ...{ displayName: displayName ?? null, note: note ?? null, groups, position, inPool },
  };
}

export function findIn({ contacts }: ContactList, { user, domain }: AccountAddress): Contact | undefined {
  return contacts.find((contact) => contact.user === user && contact.domain === domain);
}
