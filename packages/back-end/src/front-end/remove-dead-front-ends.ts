import type { Connections } from '../connections.ts';
import type { FrontEndAddresses } from './join-front-end.ts';

export interface DeadFrontEnd {
  id: number;
  processId: number;
  addresses: FrontEndAddresses;
  renewedAt: Date;
}

/** Declares dead the front ends whose lease has run out; each is reported once. */
export async function removeDeadFrontEnds(
  connections: Connections,
  request: { now?: Date } = {},
): Promise<DeadFrontEnd[]> {
  const rows = await connections.call({
    name: 'remove_dead_front_ends',
    text: 'select * from api.remove_dead_front_ends(coalesce($1, now()))',
    values: [request.now],
  });
  return rows.map(([id, processId, addresses, renewedAt]) => ({ id, processId, addresses, renewedAt }) as DeadFrontEnd);
}
