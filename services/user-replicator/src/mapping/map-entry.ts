import type { DirectoryPerson } from '@rollcall/back-end';
import type { DirectoryEntry } from '@rollcall/directory';
import { findAddress } from './address.ts';
import { firstThatHolds } from './condition.ts';
import type { Condition, Mapping } from './mapping.ts';
import { type Mapped, PHONE_TYPES } from './person.ts';
import { readTime } from './time.ts';
import { hashOf, plainText, type Values, valuesOf } from './values.ts';

/** Characters that are kept of a name, a title and the like, and of a number. */
const LONGEST_TEXT = 256;
const LONGEST_NUMBER = 64;
const MOST_NUMBERS = 16;
/** Of a name that a bind takes: cut, it would be another one. */
const LONGEST_NAME = 1024;

/** What an entry of the directory says of an account. Pure: the same entry gives the same address, in whatever order its values come. */
export function mapEntry(entry: DirectoryEntry, mapping: Mapping, now: Date): Mapped {
  const groups = mapping.groups.filter(({ dn }) => entry.groups.includes(dn));
  const groupDomain = groups.find(({ domain }) => domain !== undefined)?.domain;
  const values = valuesOf(entry, groupDomain ?? mapping.domain ?? domainOf(entry.dn));
  const { id } = entry;
  const dn = shortened(plainText(entry.dn), LONGEST_NAME);
  if (entry.dn.length > LONGEST_NAME)
    return {
      outcome: 'skipped',
      id,
      dn,
      reason: 'malformed',
      detail: `its name has more than ${LONGEST_NAME} characters`,
    };

  const exclusion = firstThatHolds(mapping.excluded, values, now);
  if (exclusion) return { outcome: 'skipped', id, dn, reason: 'excluded', detail: describe(exclusion) };
  const address = findAddress(mapping.address, values);
  if (address.outcome === 'none')
    return { outcome: 'skipped', id, dn, reason: 'no_address', detail: `none of ${mapping.address.join(', ')}` };
  if (address.outcome === 'malformed')
    return { outcome: 'skipped', id, dn, reason: 'malformed', detail: shortened(address.detail, LONGEST_TEXT) };

  const passwordChanged = values.first(mapping.passwordChanged);
  const passwordChangedAt = passwordChanged === undefined ? undefined : readTime(passwordChanged);
  const person: DirectoryPerson = {
    ...{ id, dn, user: address.user, domain: groupDomain ?? address.domain },
    enabled: firstThatHolds(mapping.disabled, values, now) === undefined,
    role: groups.some(({ role }) => role === 'admin') ? 'admin' : 'user',
    ...(passwordChangedAt && { passwordChangedAt }),
    signInName: nameIn(values, mapping.signInName) ?? dn,
    ...details(mapping, values),
    phones: phonesOf(mapping, values),
    hidden: firstThatHolds(mapping.hidden, values, now) !== undefined,
  };
  return { outcome: 'person', person };
}

const DETAILS = ['displayName', 'givenName', 'surname', 'mail', 'title', 'department', 'company', 'office'] as const;

function details(mapping: Mapping, values: Values): Partial<DirectoryPerson> {
  const texts = DETAILS.flatMap((name) => {
    const text = values.first(mapping[name]);
    return text === undefined ? [] : [[name, shortened(text, LONGEST_TEXT)]];
  });
  const managerDn = nameIn(values, mapping.manager);
  const photoHash = mapping.photo
    .map((attribute) => hashOf(values.bytes(attribute)))
    .find((hash) => hash !== undefined);
  return { ...Object.fromEntries(texts), ...(managerDn && { managerDn }), ...(photoHash && { photoHash }) };
}

function nameIn(values: Values, sources: readonly string[]): string | undefined {
  const name = values.first(sources);
  return name !== undefined && name.length <= LONGEST_NAME ? name : undefined;
}

/** Each number once, in the order of the mapping. */
function phonesOf(mapping: Mapping, values: Values): DirectoryPerson['phones'] {
  const found = new Map<string, DirectoryPerson['phones'][number]>();
  for (const type of PHONE_TYPES)
    for (const source of mapping.phones[type])
      for (const text of values.all(source).sort()) {
        const number = shortened(text, LONGEST_NUMBER);
        if (!found.has(number)) found.set(number, { type, number });
      }
  return [...found.values()].slice(0, MOST_NUMBERS);
}

/** `uid=alice,ou=people,dc=example,dc=org` → `example.org` (RFC 2247) */
function domainOf(dn: string): string | undefined {
  const labels = [...dn.matchAll(/(?:^|[,+])\s*dc\s*=\s*([a-z0-9-]+)\s*(?=,|$)/gi)].map((match) =>
    match[1]!.toLowerCase(),
  );
  return labels.length === 0 ? undefined : labels.join('.');
}

function describe({ attribute, is, bits, past }: Condition): string {
  if (is !== undefined) return `${attribute} is ${[is].flat().join(' or ')}`;
  if (bits !== undefined) return `${attribute} has one of the bits ${bits}`;
  return past ? `${attribute} has passed` : `${attribute} is there`;
}

/** By characters as PostgreSQL counts them, so that none is cut in two. */
function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : [...text].slice(0, longest).join('').trim();
}
