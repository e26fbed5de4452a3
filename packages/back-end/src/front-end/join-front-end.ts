import type { Connections } from '../connections.ts';

/** Where a front end is reached, by transport: udp, tcp, tls, ws, http, internal. */
export type FrontEndAddresses = Readonly<Record<string, string>>;

export interface JoinFrontEndRequest {
  processId: number;
  addresses: FrontEndAddresses;
  /** Seconds after which it counts as dead unless it renews; default 3. */
  lease?: number;
  now?: Date;
}

/** A front end joins the pool; resolves to its id, never given before. */
export async function joinFrontEnd(connections: Connections, request: JoinFrontEndRequest): Promise<number> {
  const rows = await connections.call({
    name: 'join_front_end',
    text: 'select * from api.join_front_end($1, $2, make_interval(secs => $3), coalesce($4, now()))',
    values: [request.processId, JSON.stringify(request.addresses), request.lease ?? 3, request.now],
  });
  return rows[0]![0] as number;
}
