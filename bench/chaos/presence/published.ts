import type { Chance } from './random.ts';
import type { Published } from './shown.ts';

/** What somebody may publish next; `n` makes it another than all before. */
export function somePublished(chance: Chance, n: number): Published {
  const open = chance.happens(0.85);
  const idle = chance.happens(0.3);
  return {
    open,
    ...(chance.happens(0.6) && {
      stated: chance.of(['available', 'busy', 'do-not-disturb', 'be-right-back', 'away'] as const),
    }),
    ...(chance.happens(0.4) && { activity: chance.of(['on-the-phone', 'meeting', 'lunch'] as const) }),
    ...(idle && { idle, idleSince: new Date(1_790_000_000_000 + n * 1000).toISOString() }),
    ...(chance.happens(0.8) && { note: `note ${n}` }),
    ...(chance.happens(0.3) && { calendar: `calendar ${n}` }),
    ...(chance.happens(0.3) && { location: `location ${n}` }),
    ...(chance.happens(0.3) && { displayName: `name ${n}` }),
    ...(open && { service: `sip:service-${n}@pool.test` }),
    ...(open && chance.happens(0.3) && { phone: `tel:+49${n}` }),
  };
}

/** By hand nobody has a service or an input. */
export function someStated(chance: Chance, n: number): Published {
  return {
    open: true,
    stated: chance.of(['available', 'busy', 'do-not-disturb', 'be-right-back', 'away', 'offline'] as const),
    ...(chance.happens(0.5) && { note: `note by hand ${n}` }),
  };
}

const STATED = {
  ...{ available: '<rpid:available/>', busy: '<rpid:busy/>', away: '<rpid:away/>', offline: '' },
  ...{
    'do-not-disturb': '<rpid:other>do-not-disturb</rpid:other>',
    'be-right-back': '<rpid:other>be-right-back</rpid:other>',
  },
} as const;

/** A document as clients write it (RFC 3863, 4479, 4480, 4482). */
export function documentOf(state: Published, entity: string): string {
  const { open, stated, activity, idle, idleSince, note, calendar, phone, location, service, displayName } = state;
  const tuple = (id: string, contact: string | undefined) =>
    `<tuple id="${id}"><status><basic>${open ? 'open' : 'closed'}</basic></status>` +
    `${contact === undefined ? '' : `<contact>${contact}</contact>`}</tuple>`;
  const activities = `${stated ? STATED[stated] : ''}${activity ? `<rpid:${activity}/>` : ''}`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"',
    ` xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="${entity}">`,
    tuple('phone', service),
    phone === undefined ? '' : tuple('line', phone),
    '<dm:person id="me">',
    activities === '' ? '' : `<rpid:activities>${activities}</rpid:activities>`,
    location === undefined ? '' : `<rpid:place-type><rpid:other>${location}</rpid:other></rpid:place-type>`,
    idle ? `<rpid:user-input last-input="${idleSince}">idle</rpid:user-input>` : '',
    displayName === undefined
      ? ''
      : `<display-name xmlns="urn:ietf:params:xml:ns:pidf:cipid">${displayName}</display-name>`,
    note === undefined ? '' : `<dm:note>${note}</dm:note>`,
    '</dm:person>',
    calendar === undefined ? '' : `<calendar xmlns="urn:rollcall:presence">${calendar}</calendar>`,
    '</presence>',
  ].join('');
}
