import { randomBytes } from 'node:crypto';
import type { Connections } from '../connections.ts';

export interface FindKeysRequest {
  purpose: 'nonce' | 'gruu' | 'token';
  /** Seconds; a newest key of this age gets a successor. Default: never. */
  rotateAfter?: number;
  /** Seconds; keys of this age are removed, but never the newest. Default: never. */
  retireAfter?: number;
  now?: Date;
}

export interface Key {
  /** 0 to 255, wrapping around. */
  id: number;
  secret: Buffer;
  createdAt: Date;
}

/** The keys that all front ends share, newest first; makes the first one, and successors when they are due. */
export async function findKeys(connections: Connections, request: FindKeysRequest): Promise<Key[]> {
  const rows = await connections.call({
    name: 'find_keys',
    text: 'select * from api.find_keys($1, $2, make_interval(secs => $3), make_interval(secs => $4), coalesce($5, now()))',
    values: [request.purpose, randomBytes(32), request.rotateAfter, request.retireAfter, request.now],
  });
  return rows.map(([id, secret, createdAt]) => ({ id, secret, createdAt }) as Key);
}
