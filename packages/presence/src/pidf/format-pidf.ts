import type { PresenceState } from './presence-state.ts';

export const PIDF_TYPE = 'application/pidf+xml';

/** The same state makes the same text. @param entity whose presence it is: `sip:user@domain` */
export function formatPidf(_state: PresenceState, _options: { entity: string }): string {
  throw new Error('not yet');
}
