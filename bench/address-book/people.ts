/** People of a company, the same each time: names as common as names are, few departments, many titles. */
export interface BenchPerson {
  user: string;
  displayName: string;
  givenName: string;
  surname: string;
  mail: string;
  title: string;
  department: string;
  company: string;
  office: string;
}

const GIVEN =
  'Anna Alexander Amélie Andreas Barbara Ben Carla Christian Claudia Daniel David Elena Emma Erik Eva Felix Fatima Frank Gabriel Giulia Hannah Hans Igor Ines Jan Jonas José Julia Karin Klaus Laura Lars Léa Luca Maria Markus Martin Mehmet Michael Nadia Nina Noah Olga Oliver Paul Petra Priya Rafael René Robert Sara Sebastian Sofia Stefan Susanne Thomas Ursula Viktor Walter Yusuf Zoë'.split(
    ' ',
  );
const SURNAMES =
  'Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Werner Smith Johnson Williams Brown Jones García Rossi Nowak Kowalski Ivanov Yilmaz Nguyen Singh Kumar Chen'.split(
    ' ',
  );
const STARTS =
  'Al An Bar Ber Bo Cal Dan Del Er Fer Gal Gre Hal Ha In Jan Ka Kol Lan Le Mar Mo Ne No Or Pe Ra Ro Sal Ste Ta Tor Ul Va Ve Wal Za'.split(
    ' ',
  );
const MIDDLES = 'ba be der do ge ka ke la le li ma me na ne ri ro sa se ta ten to va ver zo'.split(' ');
const ENDS =
  'ch der din ger ing ke ler lin man mann mer nek ner ni now rich sen ski son stein ter thal va vic wald wig'.split(
    ' ',
  );
const DEPARTMENTS =
  'Sales|Accounting|Human Resources|Legal|Marketing|Research|Development|Operations|Support|Purchasing|Logistics|Production|Quality|Facilities|Security|Communications'.split(
    '|',
  );
const LEVELS = ['', 'Senior ', 'Junior ', 'Lead ', 'Assistant '];
const TITLES = 'Engineer|Manager|Analyst|Consultant|Clerk|Architect|Designer|Accountant|Buyer|Technician'.split('|');
const OFFICES = 'Berlin|Hamburg|Paris|Lyon|Madrid|Milano|Praha|Warszawa|Wien|Zürich'.split('|');

export function benchPeople(count: number, random: () => number): BenchPerson[] {
  const of = (list: readonly string[]) => list[Math.floor(random() * list.length)]!;
  return Array.from({ length: count }, (_, index) => {
    const givenName = of(GIVEN);
    // A fifth of the people share the most common names.
    const surname = random() < 0.2 ? of(SURNAMES) : of(STARTS) + of(MIDDLES) + of(ENDS);
    const user = `${ascii(givenName)}.${ascii(surname)}${index}`;
    return {
      ...{ user, givenName, surname, displayName: `${givenName} ${surname}`, mail: `${user}@example.org` },
      ...{ title: of(LEVELS) + of(TITLES), department: of(DEPARTMENTS), company: 'Example', office: of(OFFICES) },
    };
  });
}

function ascii(name: string): string {
  return name
    .normalize('NFD')
    .replace(/[^a-z]/gi, '')
    .toLowerCase();
}
