import { dateTime, object } from './schemas.ts';

/** Text that XML can carry: no control characters but tabs and ends of lines. */
const CARRIED = '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f\\ud800-\\udfff\\ufffe\\uffff]*$';

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength, pattern: CARRIED });
const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });

const STATED = ['available', 'busy', 'do-not-disturb', 'be-right-back', 'away', 'offline'];

const fields = {
  activity: { ...text(200), examples: ['meeting', 'on-the-phone'] },
  note: text(1000),
  calendar: text(200),
  phone: { ...text(200), pattern: '^(tel|sips?):[!-~]+$', examples: ['tel:+41441234567'] },
  location: text(200),
};

/** What a client says of its user. */
export const saidPresence = {
  ...object(
    {
      state: { type: 'string', enum: STATED, description: 'Absent: what the endpoints show' },
      ...fields,
      idle: { type: 'boolean', description: 'Nobody uses the device; with `instance` only' },
      idleSince: dateTime,
      expires: { type: 'integer', minimum: 1, maximum: 0x7fff_ffff, description: 'Seconds' },
    },
    [],
  ),
};

const shownFields = Object.fromEntries(Object.keys(fields).map((name) => [name, { type: ['string', 'null'] }]));

export const shownPresence = object({
  address: { type: 'string', examples: ['bob@example.org'] },
  state: { type: 'string', enum: [...STATED, 'idle', 'busy-idle'] },
  availability: { type: 'integer', description: '3000 available … 18000 offline: docs/presence.md' },
  ...shownFields,
  idleSince: orNull(dateTime),
  services: {
    type: 'array',
    items: object({
      id: { type: 'string' },
      contact: { type: ['string', 'null'] },
      priority: { type: ['number', 'null'] },
    }),
  },
  person: orNull(
    object(
      Object.fromEntries(
        ['displayName', 'card', 'homepage', 'icon', 'map', 'sound'].map((name) => [name, { type: 'string' }]),
      ),
      [],
    ),
  ),
});

/** One's own: also what was said by hand. */
export const ownPresence = object({
  ...shownPresence.properties,
  said: orNull(object({ state: { type: ['string', 'null'] }, ...shownFields, expiresAt: orNull(dateTime) })),
});
