import type { Chance } from '../presence/random.ts';
import type { People } from './people.ts';

type Step = (people: People, chance: Chance) => Promise<string>;

/** What administrators do, and how often beside the others. */
const STEPS = {
  add: [12, (people) => people.add()],
  /** With the address of someone who has one. */
  'add twin': [3, async (people) => people.add(await people.mail(people.some()))],
  remove: [6, remove],
  rename: [5, (people) => rename(people, false)],
  move: [5, (people) => rename(people, true)],
  disable: [8, (people) => setEnabled(people, false)],
  enable: [8, (people) => setEnabled(people, true)],
  'change details': [20, changeDetails],
  'new address': [8, newAddress],
  'no address of its own': [2, (people) => setMail(people, () => undefined)],
  'take address': [5, takeAddress],
  'address of another account': [3, (people, chance) => setMail(people, () => chance.of(BY_HAND))],
  'malformed address': [2, (people) => setMail(people, () => 'nobody')],
  'foreign address': [2, (people) => setMail(people, (uid) => `${uid}@foreign.test`)],
  'swap addresses': [8, (people, chance) => rotate(people, chance, 2)],
  'rotate addresses': [5, (people, chance) => rotate(people, chance, 2 + Math.floor(chance.between(1, 30)))],
  leave: [4, (people) => setExternal(people, true)],
  return: [4, (people) => setExternal(people, false)],
  join: [4, (people) => member(people, true)],
  'leave group': [4, (people) => member(people, false)],
} as const satisfies Record<string, readonly [number, Step]>;

/** Addresses of an account that was made by hand: its own and an alias. */
export const BY_HAND = ['root@example.test', 'operator@example.test'] as const;

type StepName = keyof typeof STEPS;

const WEIGHTS = Object.fromEntries(Object.entries(STEPS).map(([name, [weight]]) => [name, weight])) as Record<
  StepName,
  number
>;

/** Who is external is not to be in the pool: for FILTER such a person leaves the directory, and comes back as the same one. */
export const EXTERNAL = 'external';
export const FILTER = `(&(objectClass=inetOrgPerson)(!(employeeType=${EXTERNAL})))`;

/** Does something. @returns what it was */
export async function takeStep(people: People, chance: Chance): Promise<string> {
  const name = chance.weighed(WEIGHTS);
  return `${name}: ${await STEPS[name][1](people, chance)}`;
}

/** Changes of so many people at once that a run has several batches. */
export async function changeMany(people: People, chance: Chance, count: number): Promise<string> {
  if (chance.happens(0.5)) return `rotate ${await rotate(people, chance, count)}`;
  const title = `Title ${Math.floor(chance.between(1, 1e6))}`;
  for (const person of people.all.slice(0, count)) await people.set(person, 'title', title);
  return `${title} of ${count}`;
}

async function remove(people: People): Promise<string> {
  const person = people.some();
  await people.remove(person);
  return people.dn(person);
}

async function rename(people: People, move: boolean): Promise<string> {
  const person = people.some();
  const before = people.dn(person);
  await people.rename(person, { move });
  return `${before} to ${people.dn(person)}`;
}

async function setEnabled(people: People, enabled: boolean): Promise<string> {
  const person = people.some();
  await people.setEnabled(person, enabled);
  return people.dn(person);
}

async function changeDetails(people: People, chance: Chance): Promise<string> {
  const person = people.some();
  const attribute = chance.of(['displayName', 'title', 'departmentNumber', 'telephoneNumber', 'mobile']);
  const number = Math.floor(chance.between(1000, 9999));
  const value = /^(tele|mobile)/.test(attribute) ? `+1 555 ${number}` : `${attribute} ${number}`;
  await people.set(person, attribute, chance.happens(0.2) ? undefined : value);
  return `${people.dn(person)} ${attribute}`;
}

let count = 0;

async function setMail(people: People, make: (uid: string) => string | undefined): Promise<string> {
  const person = people.some();
  const mail = make(person.uid);
  await people.set(person, 'mail', mail);
  return `${people.dn(person)} ${mail}`;
}

function newAddress(people: People): Promise<string> {
  return setMail(people, (uid) => `${uid}-${++count}@${count % 3 === 0 ? 'other.test' : 'example.test'}`);
}

async function takeAddress(people: People): Promise<string> {
  const mail = await people.mail(people.some());
  return setMail(people, () => mail);
}

/** The first gets the address of the second, the second that of the third, and so on. */
async function rotate(people: People, chance: Chance, length: number): Promise<string> {
  const start = Math.floor(chance.between(0, people.all.length));
  const ring = Array.from({ length: Math.min(length, people.all.length) }, (_, n) => {
    return people.all[(start + n) % people.all.length]!;
  });
  const mails: (string | undefined)[] = [];
  for (const person of ring) mails.push(await people.mail(person));
  for (const [n, person] of ring.entries()) await people.set(person, 'mail', mails[(n + 1) % ring.length]);
  return `${ring.length} from ${people.dn(ring[0]!)}`;
}

async function setExternal(people: People, external: boolean): Promise<string> {
  const person = people.some();
  await people.set(person, 'employeeType', external ? EXTERNAL : undefined);
  return people.dn(person);
}

async function member(people: People, is: boolean): Promise<string> {
  const person = people.some();
  await (is ? people.join(person) : people.leave(person));
  return people.dn(person);
}
