import { Ber, BerReader, BerWriter, Control } from 'ldapts';
import { DirectoryError } from './errors.ts';

/** Asks for the changes since a cookie (RFC 4533 §2.2). */
export const SYNC_REQUEST = '1.3.6.1.4.1.4203.1.9.1.1';
export const SYNC_STATE = '1.3.6.1.4.1.4203.1.9.1.2';
export const SYNC_DONE = '1.3.6.1.4.1.4203.1.9.1.3';
export const SYNC_INFO = '1.3.6.1.4.1.4203.1.9.1.4';
/** Active Directory: the same. */
export const DIRSYNC = '1.2.840.113556.1.4.841';
export const PAGED_RESULTS = '1.2.840.113556.1.4.319';

class ValueControl extends Control {
  readonly #value: Buffer | undefined;

  constructor(oid: string, value?: Buffer, critical = true) {
    super(oid, { critical });
    this.#value = value;
  }

  protected override writeControl(writer: BerWriter): void {
    if (this.#value) writer.writeBuffer(this.#value, Ber.OctetString);
  }
}

/** A control whose value is one SEQUENCE. */
export function control(oid: string, write?: (sequence: BerWriter) => void, critical = true): Control {
  if (!write) return new ValueControl(oid, undefined, critical);
  const sequence = new BerWriter();
  sequence.startSequence();
  write(sequence);
  sequence.endSequence();
  return new ValueControl(oid, sequence.buffer, critical);
}

/** RFC 4533 §2.2 */
export function syncRequest(mode: 'refreshOnly' | 'refreshAndPersist', cookie?: Buffer): Control {
  return control(SYNC_REQUEST, (sequence) => {
    sequence.writeEnumeration(mode === 'refreshOnly' ? 1 : 3);
    if (cookie) sequence.writeBuffer(cookie, Ber.OctetString);
  });
}

/** @throws DirectoryError when a value is not what its specification says */
export function readValue<T>(value: Buffer, read: (reader: BerReader) => T): T {
  try {
    return read(new BerReader(value));
  } catch (error) {
    const { message } = error as Error;
    throw new DirectoryError('protocol', `The directory server sends a control that cannot be read (${message}).`);
  }
}

/** RFC 4533 §2.3 */
export const SYNC_STATES = ['present', 'add', 'modify', 'delete'] as const;

export function readSyncState(value: Buffer): { state: (typeof SYNC_STATES)[number]; id: string } {
  return readValue(value, (reader) => {
    reader.readSequence();
    const state = SYNC_STATES[reader.readEnumeration() ?? 0] ?? 'present';
    return { state, id: uuidText(reader.readString(Ber.OctetString, true) as Buffer) };
  });
}

/** RFC 4533 §2.4 */
export function readSyncDone(value: Buffer): { cookie: Buffer | undefined; refreshDeletes: boolean } {
  return readValue(value, (reader) => {
    reader.readSequence();
    return readCookieAndFlag(reader, false);
  });
}

export type SyncInfo =
  | { readonly kind: 'newCookie'; readonly cookie: Buffer }
  | { readonly kind: 'refreshDelete' | 'refreshPresent'; readonly cookie: Buffer | undefined }
  | { readonly kind: 'ids'; readonly cookie: Buffer | undefined; readonly deleted: boolean; readonly ids: string[] };

/** RFC 4533 §2.5 */
export function readSyncInfo(value: Buffer): SyncInfo {
  return readValue(value, (reader) => {
    const tag = reader.peek() as number;
    if (tag === 0x80) return { kind: 'newCookie', cookie: reader.readString(0x80, true) as Buffer };
    reader.readSequence(tag);
    if (tag !== 0xa3)
      return { kind: tag === 0xa1 ? 'refreshDelete' : 'refreshPresent', ...readCookieAndFlag(reader, true) };
    const { cookie, refreshDeletes: deleted } = readCookieAndFlag(reader, false);
    reader.readSequence(0x31);
    const ids: string[] = [];
    const end = reader.offset + reader.length;
    while (reader.offset < end) ids.push(uuidText(reader.readString(Ber.OctetString, true) as Buffer));
    return { kind: 'ids', cookie, deleted, ids };
  });
}

function readCookieAndFlag(reader: BerReader, byDefault: boolean) {
  const cookie = reader.peek() === Ber.OctetString ? (reader.readString(Ber.OctetString, true) as Buffer) : undefined;
  const refreshDeletes = reader.peek() === Ber.Boolean ? (reader.readBoolean() as boolean) : byDefault;
  return { cookie, refreshDeletes };
}

/** [MS-ADTS] 3.1.1.3.4.1.3: the bits of the flags, at most so many bytes an answer, the cookie. */
export function dirSync(cookie: Buffer): Control {
  return control(DIRSYNC, (sequence) => {
    sequence.writeInt(0);
    sequence.writeInt(1 << 20);
    sequence.writeBuffer(cookie, Ber.OctetString);
  });
}

/** `more`: the same is to be asked again with the new cookie. */
export function readDirSync(value: Buffer): { more: boolean; cookie: Buffer } {
  return readValue(value, (reader) => {
    reader.readSequence();
    const more = reader.readInt() !== 0;
    reader.readInt();
    return { more, cookie: reader.readString(Ber.OctetString, true) ?? Buffer.alloc(0) };
  });
}

/** RFC 2696 */
export function pagedResults(size: number, cookie: Buffer): Control {
  return control(PAGED_RESULTS, (sequence) => {
    sequence.writeInt(size);
    sequence.writeBuffer(cookie, Ber.OctetString);
  });
}

/** An empty cookie: that was the last page. */
export function readPagedResults(value: Buffer): Buffer {
  return readValue(value, (reader) => {
    reader.readSequence();
    reader.readInt();
    return reader.readString(Ber.OctetString, true) ?? Buffer.alloc(0);
  });
}

/** 16 bytes in the order of RFC 4122 as text. */
export function uuidText(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
