import { uuidText } from './controls.ts';

/** The attribute that stays the same through renames and moves, and its two spellings. */
export interface Identity {
  readonly attribute: string;
  toText(value: Buffer): string;
  /** As filters take it. */
  toValue(id: string): Buffer | string;
}

/** RFC 4530 */
const entryUuid: Identity = {
  attribute: 'entryUUID',
  toText: (value) => value.toString('latin1').toLowerCase(),
  toValue: (id) => id,
};

/** Active Directory: the first three fields have their least significant byte first ([MS-DTYP] 2.3.4.2). */
const objectGuid: Identity = {
  attribute: 'objectGUID',
  toText: (value) => uuidText(swapFields(value)),
  toValue: (id) => swapFields(Buffer.from(id.replaceAll('-', ''), 'hex')),
};

/** 389 Directory Server: `aaaaaaaa-bbbbcccc-ddddeeee-ffffffff` */
const nsUniqueId: Identity = {
  attribute: 'nsUniqueId',
  toText: (value) => uuidText(Buffer.from(value.toString('latin1').replaceAll('-', ''), 'hex')),
  toValue: (id) => id.replaceAll('-', '').replace(/^(.{8})(.{8})(.{8})/, '$1-$2-$3-'),
};

/** In the order in which they are looked for; 389's own ids are what its syncrepl speaks of. */
export const IDENTITIES: readonly Identity[] = [objectGuid, nsUniqueId, entryUuid];

/** The one that this entry has. */
export function identityOf(attributes: ReadonlyMap<string, readonly Buffer[]>): Identity | undefined {
  return IDENTITIES.find(({ attribute }) => attributes.has(attribute.toLowerCase()));
}

function swapFields(value: Buffer): Buffer {
  const swapped = Buffer.from(value);
  swapped.subarray(0, 4).reverse();
  swapped.subarray(4, 6).reverse();
  swapped.subarray(6, 8).reverse();
  return swapped;
}
