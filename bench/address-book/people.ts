import { createHash } from 'node:crypto';
import type { DirectoryPerson } from '@rollcall/back-end';

/** Somebody of a company that is the same each time. */
export type BenchPerson = DirectoryPerson & { givenName: string; surname: string; department: string };

const list = (words: string, separator = ' ') => words.split(separator);
const GIVEN = list(
  'Anna Alexander Amélie Andreas Barbara Ben Carla Christian Claudia Daniel David Elena Emma Erik Eva Felix Fatima Frank ' +
    'Gabriel Giulia Hannah Hans Igor Ines Jan Jonas José Julia Karin Klaus Laura Lars Léa Luca Maria Markus Martin Mehmet Michael ' +
    'Nadia Nina Noah Olga Oliver Paul Petra Priya Rafael René Robert Sara Sebastian Sofia Stefan Susanne Thomas Ursula Viktor ' +
    'Walter Yusuf Zoë',
);
const SURNAMES = list(
  'Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf Schröder Neumann ' +
    'Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Smith Johnson Williams Brown Jones García Rossi Nowak ' +
    'Kowalski Ivanov Yilmaz Nguyen Singh Kumar Chen',
);
const STARTS = list(
  'Al An Bar Ber Bo Cal Dan Del Er Fer Gal Gre Hal Ha In Jan Ka Kol Lan Le Mar Mo Ne No Or Pe Ra Ro Sal Ste Ta Tor Ul Va Ve ' +
    'Wal Za',
);
const MIDDLES = list('ba be der do ge ka ke la le li ma me na ne ri ro sa se ta ten to va ver zo');
const ENDS = list(
  'ch der din ger ing ke ler lin man mann mer nek ner ni now rich sen ski son stein ter thal va vic wald wig',
);
const DEPARTMENTS = list(
  'Sales|Accounting|Human Resources|Legal|Marketing|Research|Development|Operations|Support|Purchasing|Logistics|Production',
  '|',
);
const LEVELS = ['', 'Senior ', 'Junior ', 'Lead ', 'Assistant '];
const TITLES = list('Engineer|Manager|Analyst|Consultant|Clerk|Architect|Designer|Accountant|Buyer|Technician', '|');
const OFFICES = list('Berlin|Hamburg|Paris|Lyon|Madrid|Milano|Praha|Warszawa|Wien|Zürich', '|');

export function benchPeople(count: number, domain: string, random: () => number): BenchPerson[] {
  const of = (words: readonly string[]) => words[Math.floor(random() * words.length)]!;
  return Array.from({ length: count }, (_, index) => {
    const givenName = of(GIVEN);
    // A fifth of the people share the most common surnames.
    const surname = random() < 0.2 ? of(SURNAMES) : of(STARTS) + of(MIDDLES) + of(ENDS);
    const user = `${ascii(givenName)}.${ascii(surname)}${index}`;
    const dn = `uid=${user},ou=people,dc=example,dc=org`;
    const number = `+49 30 ${String(index).padStart(6, '0')}`;
    return {
      ...{ id: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`, dn, signInName: dn, user, domain },
      ...{ enabled: true, role: 'user', hidden: random() < 0.01 },
      ...{ displayName: `${givenName} ${surname}`, givenName, surname, mail: `${user}@${domain}` },
      phones: [{ type: 'work', number }],
      ...{ title: of(LEVELS) + of(TITLES), department: of(DEPARTMENTS), company: 'Example', office: of(OFFICES) },
      photoHash: createHash('sha256').update(user).digest('hex'),
    };
  });
}

function ascii(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^a-z]/gi, '')
    .toLowerCase();
}
