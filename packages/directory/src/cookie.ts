import { createHash } from 'node:crypto';
import type { DirectoryFacts } from './facts.ts';
import type { ChangesFrom } from './types.ts';

/** Where a run ended. */
export interface Position {
  /** What the kind of source goes on from: the server's cookie in base64, or a time. Undefined: from the start. */
  readonly mark: string | undefined;
  /** Counts runs that brought something, so that each of them ends at another cookie. */
  readonly turn: number;
}

/** Of what was asked: the answer to another question goes on from nowhere. */
export function fingerprintOf({ kind, base, filterText }: DirectoryFacts, { attributes, groups }: ChangesFrom): string {
  const asked = JSON.stringify([kind, base, filterText, [...attributes].sort(), groups]);
  return createHash('sha256').update(asked).digest('base64');
}

export function writeCookie(fingerprint: string, position: Position): Buffer {
  return Buffer.from(JSON.stringify({ fingerprint, ...position }));
}

/** @returns undefined when the bytes are no cookie of this question */
export function readCookie(fingerprint: string, cookie: Buffer | undefined): Position | undefined {
  if (!cookie) return undefined;
  try {
    const { fingerprint: of, mark, turn } = JSON.parse(cookie.toString());
    if (of !== fingerprint || typeof mark !== 'string' || typeof turn !== 'number') return undefined;
    return { mark, turn };
  } catch {
    return undefined;
  }
}
