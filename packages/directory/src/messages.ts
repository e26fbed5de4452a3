import type { Socket } from 'node:net';
import { BerReader } from 'ldapts';
import { protocolError } from './errors.ts';

/** One LDAPMessage (RFC 4511 §4.1.1) with its operation not yet taken apart. */
export interface LdapMessage {
  readonly id: number;
  /** The tag of the operation, e.g. 0x64 of a SearchResultEntry. */
  readonly operation: number;
  readonly body: BerReader;
  /** The values of its controls by OID. */
  readonly controls: ReadonlyMap<string, Buffer>;
}

/** More than any entry with a photo; what announces more is no directory. */
const LONGEST_MESSAGE = 64 << 20;

/** The messages of a connection as they come; reading stops while nobody asks for more. */
export async function* readMessages(socket: Socket, server: string): AsyncGenerator<LdapMessage> {
  let read: Buffer[] = [];
  let bytes = 0;
  let wanted = 2;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    read.push(chunk);
    bytes += chunk.length;
    if (bytes < wanted) continue;
    const buffer = read.length === 1 ? chunk : Buffer.concat(read);
    let at = 0;
    for (wanted = messageEnd(buffer, at, server); wanted <= buffer.length; wanted = messageEnd(buffer, at, server)) {
      yield parseMessage(buffer.subarray(at, wanted), server);
      at = wanted;
    }
    const rest = buffer.subarray(at);
    read = rest.length > 0 ? [rest] : [];
    bytes = rest.length;
    wanted -= at;
  }
}

/** Where the message that begins at `at` ends, or more than there is when that cannot be seen yet. */
function messageEnd(buffer: Buffer, at: number, server: string): number {
  if (at < buffer.length && buffer[at] !== 0x30) throw protocolError(server, 'something that is no LDAP message');
  const end = element(buffer, at)?.end ?? buffer.length + 1;
  if (end - at > LONGEST_MESSAGE) throw protocolError(server, `a message of ${end - at} bytes`);
  return end;
}

function parseMessage(message: Buffer, server: string): LdapMessage {
  const id = inside(message, elementAt(message, 0, server).start, server);
  const operation = inside(message, id.end, server);
  return {
    id: message.readUIntBE(id.start, Math.min(id.end - id.start, 4)),
    operation: message[id.end] as number,
    body: new BerReader(message.subarray(operation.start, operation.end)),
    controls: parseControls(message, operation.end, server),
  };
}

/** One message and nothing after it: what is sent in the clear before TLS must not be taken as said under it. */
export function parseWhole(bytes: Buffer, server: string): LdapMessage {
  if (messageEnd(bytes, 0, server) !== bytes.length) throw protocolError(server, 'more than the answer to StartTLS');
  return parseMessage(bytes, server);
}

/** RFC 4511 §4.1.11: [0] SEQUENCE OF SEQUENCE { OID, criticality DEFAULT FALSE, value OPTIONAL } */
function parseControls(message: Buffer, at: number, server: string): ReadonlyMap<string, Buffer> {
  const controls = new Map<string, Buffer>();
  if (message[at] !== 0xa0) return controls;
  const all = inside(message, at, server);
  for (let next = all.start; next < all.end; ) {
    const control = inside(message, next, server);
    const oid = inside(message, control.start, server);
    const afterCriticality = message[oid.end] === 0x01 && oid.end < control.end ? oid.end + 3 : oid.end;
    const value = afterCriticality < control.end ? inside(message, afterCriticality, server) : undefined;
    const bytes = value ? message.subarray(value.start, value.end) : Buffer.alloc(0);
    controls.set(message.toString('latin1', oid.start, oid.end), bytes);
    next = control.end;
  }
  return controls;
}

interface Element {
  /** Of its content. */
  readonly start: number;
  readonly end: number;
}

/** A BER element (X.690 §8.1); undefined when its length has not come yet. */
function element(buffer: Buffer, at: number): Element | undefined {
  const first = buffer[at + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const octets = first & 0x7f;
  if (octets === 0 || octets > 4) return { start: at, end: Number.MAX_SAFE_INTEGER };
  const start = at + 2 + octets;
  if (start > buffer.length) return undefined;
  return { start, end: start + buffer.readUIntBE(at + 2, octets) };
}

function elementAt(buffer: Buffer, at: number, server: string): Element {
  const found = element(buffer, at);
  if (!found || found.start > buffer.length) throw protocolError(server, 'a message that is cut off');
  return found;
}

/** An element that ends within the message. */
function inside(message: Buffer, at: number, server: string): Element {
  const found = elementAt(message, at, server);
  if (found.end > message.length) throw protocolError(server, 'a message with a wrong length in it');
  return found;
}
