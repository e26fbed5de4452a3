import type { Connections } from '../connections.ts';
import type { FrontEndAddresses } from './join-front-end.ts';

export interface DeadFrontEnd {
  /** 'died': declared dead by this call, once; 'removing': it was dead or had left before. */
  outcome: 'died' | 'removing';
  id: number;
  processId: number;
  addresses: FrontEndAddresses;
  renewedAt: Date;
  /** Endpoints removed by this call: those whose flow was a connection to it. */
  endpointsRemoved: number;
  /** There may be more to remove: call again at once. */
  more: boolean;
  /** Accounts of which notifications are due: publish their ids on the bus, topic `presence`. */
  changed: number[];
}

/** Declares dead the front ends whose lease has run out, and removes what was registered over their connections. */
export async function removeDeadFrontEnds(
  connections: Connections,
  request: { limit?: number; now?: Date } = {},
): Promise<DeadFrontEnd[]> {
  const rows = await connections.call({
    name: 'remove_dead_front_ends',
    text: 'select * from api.remove_dead_front_ends($1, coalesce($2, now()))',
    values: [request.limit ?? 500, request.now],
  });
  const changed = rows.filter(([outcome]) => outcome === 'changed').map((row) => row[7] as number);
  return rows
    .filter(([outcome]) => outcome !== 'changed')
    .map(([outcome, id, processId, addresses, renewedAt, endpointsRemoved, more], index) => {
      // All are in the first, so that they are told once.
      const told = index === 0 ? changed : [];
      return { outcome, id, processId, addresses, renewedAt, endpointsRemoved, more, changed: told } as DeadFrontEnd;
    });
}
