import { createHash, randomBytes } from 'node:crypto';

/** A refresh token, taken apart. Only hashes of `family` and `secret` are stored. */
export interface RefreshToken {
  accountId: number;
  /** A UUID. */
  sessionId: string;
  /** Stays for the life of the session: it tells a used token from a made-up one. */
  family: Buffer;
  /** Another one with each refresh. */
  secret: Buffer;
}

// account id (8) | session id (16) | family (16) | secret (32): 72 bytes are 96 characters of base64url.
const BYTES = 72;
const CHARACTERS = 96;

export function newFamily(): Buffer {
  return randomBytes(16);
}

export function newSecret(): Buffer {
  return randomBytes(32);
}

export function formatRefreshToken({ accountId, sessionId, family, secret }: RefreshToken): string {
  const account = Buffer.alloc(8);
  account.writeBigUInt64BE(BigInt(accountId));
  const session = Buffer.from(sessionId.replaceAll('-', ''), 'hex');
  return Buffer.concat([account, session, family, secret]).toString('base64url');
}

/** Undefined for what cannot be one. */
export function parseRefreshToken(text: string): RefreshToken | undefined {
  if (text.length !== CHARACTERS || !/^[\w-]+$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== BYTES) return undefined;
  const accountId = Number(bytes.readBigUInt64BE(0));
  if (!Number.isSafeInteger(accountId)) return undefined;
  const hex = bytes.toString('hex', 8, 24);
  const sessionId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { accountId, sessionId, family: bytes.subarray(24, 40), secret: bytes.subarray(40) };
}

/** What the back end stores. */
export function tokenHash(part: Buffer): Buffer {
  return createHash('sha256').update(part).digest();
}
