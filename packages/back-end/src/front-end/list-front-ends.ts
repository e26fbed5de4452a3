import type { Connections } from '../connections.ts';
import type { FrontEndAddresses } from './join-front-end.ts';

export interface ListedFrontEnd {
  id: number;
  processId: number;
  /** 'draining': it gets no new clients and ends soon; 'dead': its lease has run out. */
  state: 'serving' | 'draining' | 'dead';
  addresses: FrontEndAddresses;
  connections: number;
  endpoints: number;
  joinedAt: Date;
  renewedAt: Date;
}

/** The front ends of the pool, oldest first. */
export async function listFrontEnds(connections: Connections, request: { now?: Date } = {}): Promise<ListedFrontEnd[]> {
  const rows = await connections.call({
    name: 'list_front_ends',
    text: 'select * from api.list_front_ends(coalesce($1, now()))',
    values: [request.now],
  });
  return rows.map(([id, processId, state, addresses, count, endpoints, joinedAt, renewedAt]) => {
    return { id, processId, state, addresses, connections: count, endpoints, joinedAt, renewedAt } as ListedFrontEnd;
  });
}
