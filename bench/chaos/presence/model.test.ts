import { beforeEach, describe, expect, test } from 'vitest';
import { BY_HAND, PresenceModel } from './model.ts';
import { OFFLINE, type Published } from './shown.ts';

const [ALICE, BOB, CAROL] = ['alice@a.test', 'bob@a.test', 'carol@b.test'];
const ALSO_CAROL = 'also-carol@a.test';

let model: PresenceModel;

beforeEach(() => {
  model = new PresenceModel();
  model.addAccount(ALICE);
  model.addAccount(BOB);
  model.addAccount(CAROL, [ALSO_CAROL]);
});

const everything: Published = {
  ...{
    open: true,
    activity: 'lunch',
    note: 'n',
    calendar: 'c',
    phone: 'tel:1',
    location: 'l',
    service: 's',
    displayName: 'd',
  },
};

describe('availability', () => {
  const cases: [string, (Published | null)[], Published | undefined, number][] = [
    ['nobody is registered', [], undefined, 18_000],
    ['nobody is registered, and the user is busy', [], { open: true, stated: 'busy' }, 18_000],
    ['a phone that says nothing', [null], undefined, 3000],
    ['a closed phone', [{ open: false }], undefined, 18_000],
    ['a closed phone beside one that says nothing', [{ open: false }, null], undefined, 3000],
    ['an idle phone', [{ open: true, idle: true }], undefined, 4500],
    ['an idle phone beside one that is not', [{ open: true, idle: true }, { open: true }], undefined, 3000],
    ['busy', [{ open: true, stated: 'busy' }], undefined, 6000],
    ['busy and idle', [{ open: true, stated: 'busy', idle: true }], undefined, 7500],
    [
      'busy, and later available',
      [
        { open: true, stated: 'busy' },
        { open: true, stated: 'available' },
      ],
      undefined,
      3000,
    ],
    ['busy, and later nothing', [{ open: true, stated: 'busy' }, { open: true }], undefined, 6000],
    ['busy, and later away by hand', [{ open: true, stated: 'busy' }], { open: true, stated: 'away' }, 15_000],
    ['do not disturb', [{ open: true, stated: 'do-not-disturb' }], undefined, 9000],
    ['be right back', [{ open: true, stated: 'be-right-back' }], undefined, 12_000],
    ['appears offline', [{ open: true }], { open: true, stated: 'offline' }, 18_000],
    ['on the phone', [{ open: true, activity: 'on-the-phone' }], undefined, 6000],
    ['on the phone and available', [{ open: true, activity: 'on-the-phone', stated: 'available' }], undefined, 3000],
    ['at lunch', [{ open: true, activity: 'lunch' }], undefined, 3000],
  ];
  test.each(cases)('%s', (_, phones, byHand, availability) => {
    phones.forEach((state, index) => {
      model.register(ALICE, `phone ${index}`);
      if (state) model.publish(ALICE, `phone ${index}`, state);
    });
    if (byHand) model.publish(ALICE, BY_HAND, byHand);
    expect(model.shown(BOB, ALICE).availability).toBe(String(availability));
  });
});

test('what a phone has published ends with its registration', () => {
  model.register(ALICE, 'phone');
  model.register(ALICE, 'other');
  model.publish(ALICE, 'phone', everything);
  expect(model.shown(ALICE, ALICE).note).toBe('n');
  model.unregister(ALICE, 'phone');
  expect(model.shown(ALICE, ALICE)).toEqual({ availability: '3000', basic: 'open' });
});

test('what is said for a time ends with it, and what a phone has published waits while it is not registered', () => {
  model.register(ALICE, 'phone', 1000);
  model.publish(ALICE, 'phone', { open: true, note: 'n' }, 3000);
  model.publish(ALICE, BY_HAND, { open: true, stated: 'away' }, 500);
  const availability = (at: number) => model.shown(BOB, ALICE, at).availability;
  expect([availability(499), availability(500), availability(1000)]).toEqual(['15000', '3000', '18000']);
  model.register(ALICE, 'phone', 5000);
  expect([model.shown(BOB, ALICE, 2999).note, model.shown(BOB, ALICE, 3000).note]).toEqual(['n', undefined]);
  expect([model.publications(2999), model.publications(3000)]).toEqual([1, 0]);
});

test('the newest that has a field counts, and saying the same again makes nothing newer', () => {
  for (const phone of ['one', 'two']) model.register(ALICE, phone);
  model.publish(ALICE, 'one', { open: true, note: 'first', calendar: 'only' });
  model.publish(ALICE, 'two', { open: true, note: 'second' });
  model.publish(ALICE, 'one', { open: true, note: 'first', calendar: 'only' });
  expect(model.shown(ALICE, ALICE)).toMatchObject({ note: 'second', calendar: 'only' });
});

test('of who is offline there is a note and a name', () => {
  model.register(ALICE, 'phone');
  model.publish(ALICE, 'phone', { ...everything, open: false });
  expect(model.shown(ALICE, ALICE)).toEqual({ ...OFFLINE, note: 'n', displayName: 'd' });
});

test('each level sees its fields', () => {
  model.register(ALICE, 'phone');
  model.publish(ALICE, 'phone', everything);
  const seen = (level: 'blocked' | 'public' | 'company' | 'team' | 'personal') => {
    model.setRule(ALICE, { scope: 'everyone', subject: '', level });
    return Object.keys(model.shown(BOB, ALICE)).sort();
  };
  const company = ['activity', 'availability', 'basic', 'displayName', 'note', 'service'];
  expect(seen('public')).toEqual(['availability', 'basic']);
  expect(seen('company')).toEqual(company);
  expect(seen('team')).toEqual([...company, 'calendar', 'location', 'phone'].sort());
  expect(seen('personal')).toEqual(seen('team'));
  expect(seen('blocked')).toEqual(['availability', 'basic']);
  expect(model.shown(BOB, ALICE)).toEqual(OFFLINE);
});

test('a user beats a domain beats everyone; aliases count; of two alike the one that lets see less', () => {
  expect([model.level(ALICE, ALICE), model.level(BOB, ALICE), model.level(CAROL, ALICE)]).toEqual([
    ...['personal', 'company', 'public'],
  ]);
  model.setRule(ALICE, { scope: 'everyone', subject: '', level: 'team' });
  expect([model.level(ALICE, ALICE), model.level(CAROL, ALICE)]).toEqual(['personal', 'team']);
  model.setRule(ALICE, { scope: 'domain', subject: 'b.test', level: 'blocked' });
  expect([model.level(BOB, ALICE), model.level(CAROL, ALICE)]).toEqual(['team', 'blocked']);
  model.setRule(ALICE, { scope: 'user', subject: ALSO_CAROL, level: 'personal' });
  expect(model.level(CAROL, ALICE)).toBe('personal');
  model.setRule(ALICE, { scope: 'user', subject: CAROL, level: 'company' });
  expect(model.level(CAROL, ALICE)).toBe('company');
  model.removeRule(ALICE, { scope: 'user', subject: CAROL });
  expect(model.level(CAROL, ALICE)).toBe('personal');
});
