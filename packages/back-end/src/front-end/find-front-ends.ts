import type { Connections } from '../connections.ts';
import type { FrontEndAddresses } from './join-front-end.ts';

export interface FoundFrontEnd {
  id: number;
  addresses: FrontEndAddresses;
}

/** Where the front ends of the pool are reached, oldest first: `listFrontEnds` without what takes time to count. */
export async function findFrontEnds(connections: Connections): Promise<FoundFrontEnd[]> {
  const rows = await connections.call({
    name: 'find_front_ends',
    text: 'select * from api.find_front_ends()',
    values: [],
  });
  return rows.map(([id, addresses]) => ({ id, addresses }) as FoundFrontEnd);
}
