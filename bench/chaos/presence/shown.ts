/** What one publication says; text without characters that XML or a pattern would have to escape. */
export interface Published {
  open: boolean;
  /** 'offline' by hand alone: a document has no word for it. */
  stated?: 'available' | 'busy' | 'do-not-disturb' | 'be-right-back' | 'away' | 'offline';
  activity?: 'on-the-phone' | 'meeting' | 'lunch';
  idle?: true;
  idleSince?: string;
  note?: string;
  calendar?: string;
  phone?: string;
  location?: string;
  /** Contact of the one service that it has. */
  service?: string;
  displayName?: string;
}

/** What a document shows, by field: so that two of them are easily compared. */
export type Shown = Readonly<Record<string, string>>;

export const OFFLINE: Shown = { availability: '18000', basic: 'closed' };

type Fields = Readonly<Partial<Record<keyof Published, string | undefined>>>;

/** Offline: the note and the name stay, the rest goes. Since when it is idle is told of who is. */
export function shownOf(availability: number, fields: Fields): Shown {
  const { note, displayName, idleSince, ...rest } = fields;
  const shown: Record<string, string | undefined> = {
    ...(availability === 18_000 ? OFFLINE : { availability: String(availability), basic: 'open', ...rest }),
    ...([4500, 7500].includes(availability) && { idleSince }),
    ...{ note, displayName },
  };
  const entries = Object.entries(shown).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of the availability, and nothing that anybody does. */
const WORDS = ['busy', 'away', 'do-not-disturb', 'be-right-back'];

/** Reads a document of the pool with a few patterns, and not with packages/presence. @throws when it says two things at once */
export function readShown(document: string): Shown {
  if (!document.startsWith('<?xml') || !document.trimEnd().endsWith('</presence>')) {
    throw new Error(`no presence document: ${document.slice(0, 200)}`);
  }
  const find = (pattern: RegExp) => pattern.exec(document)?.[1];
  const availability = Number(find(/<availability xmlns="urn:rollcall:presence">(\d+)</));
  const basics = new Set([...document.matchAll(/<basic>(\w+)<\/basic>/g)].map(([, basic]) => basic));
  const activities = [
    ...(find(/<rpid:activities>(.*?)<\/rpid:activities>/s) ?? '').matchAll(/<rpid:other>([^<]*)<|<rpid:([\w-]+)\/>/g),
  ].map(([, other, word]) => other ?? word!);
  const notes = new Set([...document.matchAll(/<(?:dm:)?note>([^<]*)</g)].map(([, note]) => note));
  if (basics.size !== 1 || notes.size > 1) throw new Error(`it says two things at once: ${document}`);
  const read = {
    ...{ availability: String(availability), basic: [...basics][0], note: [...notes][0] },
    activity: activities.find((word) => !WORDS.includes(word)),
    calendar: find(/<calendar [^>]*>([^<]*)</),
    phone: find(/<contact[^>]*>(tel:[^<]*)</),
    location: find(/<rpid:place-type><rpid:other>([^<]*)</),
    idleSince: find(/<rpid:user-input last-input="([^"]*)">idle</),
    service: find(/<tuple id="(?!rollcall-)[^"]*">.*?<contact[^>]*>([^<]*)</s),
    displayName: find(/<display-name [^>]*>([^<]*)</),
  };
  const entries = Object.entries(read).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function isSame(one: Shown | undefined, other: Shown | undefined): boolean {
  return describe(one) === describe(other);
}

export function describe(shown: Shown | undefined): string {
  return shown === undefined ? 'nothing' : JSON.stringify(Object.entries(shown).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of somebody who is reached by a machine that says `machine`. */
export function availabilityOf(stated: NonNullable<Published['stated']>, machine: number): number {
  switch (stated) {
    case 'available':
      return machine;
    case 'busy':
      return machine === 4500 ? 7500 : 6000;
    case 'do-not-disturb':
      return 9000;
    case 'be-right-back':
      return 12_000;
    case 'away':
      return 15_000;
    case 'offline':
      return 18_000;
  }
}

export function isBusy(activity: string | undefined): boolean {
  return activity !== undefined && ['on-the-phone', 'meeting', 'appointment'].includes(activity);
}
