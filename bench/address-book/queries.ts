import type { BenchPerson } from './people.ts';

/** What somebody types who looks for this person, by what kind of search it is. */
export const QUERIES: Readonly<Record<string, (person: BenchPerson, random: () => number) => string>> = {
  '1 letter': ({ givenName, surname }, random) => (random() < 0.5 ? givenName : surname).slice(0, 1),
  '2 letters': ({ givenName, surname }, random) => (random() < 0.5 ? givenName : surname).slice(0, 2),
  '3 to 5 letters': ({ givenName, surname }, random) =>
    (random() < 0.5 ? givenName : surname).slice(0, 3 + Math.floor(random() * 3)),
  'name and a letter': ({ givenName, surname }) => `${givenName} ${surname.slice(0, 1)}`,
  'whole name': ({ givenName, surname }) => `${givenName} ${surname}`,
  'surname first': ({ givenName, surname }) => `${surname}, ${givenName}`,
  'name and department': ({ givenName, department }) => `${department} ${givenName}`,
  department: ({ department }) => department.slice(0, 5),
  address: ({ user, domain }) => `${user}@${domain}`,
  'surname mistyped': ({ surname }, random) => mistyped(surname, random),
  'name mistyped': ({ givenName, surname }, random) => `${mistyped(givenName, random)} ${mistyped(surname, random)}`,
  nobody: (_, random) => Array.from({ length: 8 }, () => 'bcdfghjklmnpqrstvwxz'[Math.floor(random() * 20)]).join(''),
};

/** A letter is missing, doubled, or another one. */
function mistyped(name: string, random: () => number): string {
  const at = 1 + Math.floor(random() * (name.length - 1));
  const letter = ['', name[at]!.repeat(2), 'e'][Math.floor(random() * 3)]!;
  return name.slice(0, at) + letter + name.slice(at + 1);
}
