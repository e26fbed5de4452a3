/** One header field of a CPIM message (RFC 3862 §2.1), escapes taken off. Names are case-sensitive. */
export interface CpimHeader {
  /** With its namespace prefix, if any: `imdn.Message-ID`. */
  name: string;
  /** `;lang=fr` */
  parameters: readonly (readonly [name: string, value: string])[];
  value: string;
}

export interface CpimMessage {
  headers: CpimHeader[];
  /** Content-Type and its like. */
  contentHeaders: (readonly [name: string, value: string])[];
  body: Buffer;
}

/** @throws SipParseError 400, and nothing else */
export function parseCpim(_bytes: Buffer): CpimMessage {
  throw new Error('not yet');
}

export function formatCpim(_message: CpimMessage): Buffer {
  throw new Error('not yet');
}
