import type { PublishedState } from './presence-state.ts';

/**
 * Reads a published presence document (RFC 3863, 4479, 4480, 4482).
 *
 * @throws {DocumentError}
 */
export function readPidf(_body: Buffer): PublishedState {
  throw new Error('not yet');
}
