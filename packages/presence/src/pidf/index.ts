export { formatPidf, PIDF_TYPE } from './format-pidf.ts';
export type { Person, PresenceState, PublishedState, Service, StatedPresence } from './presence-state.ts';
export { readPidf } from './read-pidf.ts';
