import type { Connections } from '../connections.ts';
import type { AccessLevel } from '../presence/state.ts';

/** What a level may see or not, beside the availability, in the order of the columns. */
export const LEVEL_FIELDS = [
  'activity',
  'note',
  'calendar',
  'phone',
  'location',
  /** Since when a device is idle. */
  'device',
  /** The services that endpoints offer, with their contacts. */
  'services',
  /** Card, icon and homepage. */
  'person',
] as const;

export type LevelField = (typeof LEVEL_FIELDS)[number];

export type AccessLevelRow = { level: AccessLevel } & Record<LevelField, boolean>;

/** The one that sees least first. */
export async function listAccessLevels(connections: Connections): Promise<AccessLevelRow[]> {
  const rows = await connections.call({
    name: 'list_access_levels',
    text: 'select * from api.list_access_levels()',
    values: [],
  });
  return rows.map(
    ([level, ...fields]) =>
      ({ level, ...Object.fromEntries(LEVEL_FIELDS.map((field, n) => [field, fields[n]])) }) as AccessLevelRow,
  );
}

export type SetAccessLevelRequest = { level: AccessLevel } & Partial<Record<LevelField, boolean>>;

/**
 * Changes what a level sees; what is left out stays. Front ends tell the watchers within seconds. `level_unknown`: also
 * 'blocked', which sees nothing.
 */
export async function setAccessLevel(
  connections: Connections,
  request: SetAccessLevelRequest,
): Promise<'set' | 'unchanged' | 'level_unknown'> {
  const rows = await connections.call({
    name: 'set_access_level',
    text: 'select * from api.set_access_level($1, $2, $3, $4, $5, $6, $7, $8, $9)',
    values: [request.level, ...LEVEL_FIELDS.map((field) => request[field])],
  });
  return rows[0]![0] as 'set' | 'unchanged' | 'level_unknown';
}
