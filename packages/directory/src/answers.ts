import { SearchEntry } from 'ldapts';
import type { LdapMessage } from './messages.ts';

export interface FoundEntry {
  readonly kind: 'entry';
  readonly dn: string;
  /** By lower-case attribute type without options. */
  readonly attributes: Map<string, Buffer[]>;
  readonly controls: ReadonlyMap<string, Buffer>;
}
export interface Intermediate {
  readonly kind: 'intermediate';
  readonly oid: string;
  readonly value: Buffer;
}
export interface Result {
  readonly kind: 'result';
  readonly code: number;
  readonly said: string;
  readonly controls: ReadonlyMap<string, Buffer>;
}

/** RFC 4511 §4.1.9 */
export function resultOf({ body, controls }: LdapMessage): Result {
  const code = body.readEnumeration() ?? 80;
  body.readString(); // matchedDN
  return { kind: 'result', code, said: body.readString() ?? '', controls };
}

export function entryOf({ id, body, controls }: LdapMessage): FoundEntry {
  const parsed = new SearchEntry({ messageId: id });
  parsed.parseMessage(body);
  const attributes = new Map<string, Buffer[]>();
  for (const { type, parsedBuffers } of parsed.attributes) {
    const name = (type.split(';', 1)[0] as string).toLowerCase();
    const values = attributes.get(name);
    if (values) values.push(...parsedBuffers);
    else attributes.set(name, parsedBuffers);
  }
  return { kind: 'entry', dn: parsed.name, attributes, controls };
}

/** RFC 4511 §4.13: [0] OID, [1] value */
export function intermediateOf({ body }: LdapMessage): Intermediate {
  let oid = '';
  let value: Buffer = Buffer.alloc(0);
  while (body.remain > 0) {
    const tag = body.peek() as number;
    const bytes = body.readString(tag, true);
    if (!bytes) throw new Error('an intermediate response is cut short');
    if (tag === 0x80) oid = bytes.toString('latin1');
    else value = bytes;
  }
  return { kind: 'intermediate', oid, value };
}
