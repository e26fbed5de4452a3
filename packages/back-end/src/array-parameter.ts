/**
 * Arrays in PostgreSQL's binary format (array_recv): nothing to quote here, nothing to parse there.
 * `pg` sends a Buffer as a binary parameter.
 */
import { InvalidValueError } from './errors.ts';

const OID = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, text: 25 } as const;
const HEADER_BYTES = 20;

type Pick<Item, Value> = (item: Item) => Value | null | undefined;

export function booleans<Item>(items: readonly Item[], pick: Pick<Item, boolean>): Buffer {
  return fixed(items, OID.bool, 1, pick, (buffer, value, at) => buffer.writeUInt8(value ? 1 : 0, at));
}

export function smallints<Item>(items: readonly Item[], pick: Pick<Item, number>): Buffer {
  return fixed(items, OID.int2, 2, pick, (buffer, value, at) => buffer.writeInt16BE(value, at));
}

export function integers<Item>(items: readonly Item[], pick: Pick<Item, number>): Buffer {
  return fixed(items, OID.int4, 4, pick, (buffer, value, at) => buffer.writeInt32BE(value, at));
}

/** Numbers up to 2^53, or bigints. */
export function bigints<Item>(items: readonly Item[], pick: Pick<Item, number | bigint>): Buffer {
  return fixed(items, OID.int8, 8, pick, (buffer, value, at) => {
    if (typeof value === 'bigint') return buffer.writeBigInt64BE(value, at);
    buffer.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
    return buffer.writeUInt32BE(value >>> 0, at + 4);
  });
}

/** Texts must have passed `checkText`. */
export function texts<Item>(items: readonly Item[], pick: Pick<Item, string>): Buffer {
  const values = items.map(pick);
  let maximum = HEADER_BYTES;
  // At most three bytes of UTF-8 for each unit of UTF-16.
  for (const value of values) maximum += 4 + (value == null ? 0 : 3 * value.length);
  const buffer = reserve(maximum);
  let at = writeHeader(buffer, OID.text, items.length);
  for (const value of values) {
    const length = value == null ? -1 : buffer.write(value, at + 4);
    buffer.writeInt32BE(length, at);
    at += 4 + Math.max(0, length);
  }
  return take(buffer, at);
}

export function byteas<Item>(items: readonly Item[], pick: Pick<Item, Buffer>): Buffer {
  const values = items.map(pick);
  const buffer = reserve(values.reduce((bytes, value) => bytes + 4 + (value?.length ?? 0), HEADER_BYTES));
  let at = writeHeader(buffer, OID.bytea, items.length);
  for (const value of values) {
    at = buffer.writeInt32BE(value == null ? -1 : value.length, at);
    if (value != null) at += value.copy(buffer, at);
  }
  return take(buffer, at);
}

/** PostgreSQL stores no U+0000, and a lone surrogate has no UTF-8. */
export function checkText(name: string, value: string | undefined): void {
  if (value !== undefined && (value.includes('\0') || !value.isWellFormed())) {
    throw new InvalidValueError(`${name} is not text that can be stored`);
  }
}

export function checkInteger(name: string, value: number | undefined, minimum: number, maximum: number): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= minimum && value <= maximum)) {
    throw new InvalidValueError(`${name} is not an integer from ${minimum} to ${maximum}`);
  }
}

function fixed<Item, Value>(
  items: readonly Item[],
  oid: number,
  size: number,
  pick: Pick<Item, Value>,
  write: (buffer: Buffer, value: Value, at: number) => void,
): Buffer {
  const buffer = reserve(HEADER_BYTES + items.length * (4 + size));
  let at = writeHeader(buffer, oid, items.length);
  for (const item of items) {
    const value = pick(item);
    buffer.writeInt32BE(value == null ? -1 : size, at);
    at += 4;
    if (value == null) continue;
    write(buffer, value, at);
    at += size;
  }
  return take(buffer, at);
}

/** Parameters are cut from a larger piece, as Node cuts small Buffers: two dozen a call would keep the collector busy. */
const PIECE_BYTES = 1024 * 1024;
let piece = Buffer.alloc(0);
let taken = 0;

function reserve(maximum: number): Buffer {
  if (taken + maximum > piece.length) {
    piece = Buffer.allocUnsafeSlow(Math.max(maximum, PIECE_BYTES));
    taken = 0;
  }
  return piece.subarray(taken, taken + maximum);
}

function take(reserved: Buffer, bytes: number): Buffer {
  taken += bytes;
  return reserved.subarray(0, bytes);
}

/** Dimensions (none when empty), "has nulls" (not read by the server), element type; length and lower bound of the one dimension. */
function writeHeader(buffer: Buffer, oid: number, length: number): number {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(1, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(length, 12);
  buffer.writeInt32BE(1, 16);
  return HEADER_BYTES;
}
