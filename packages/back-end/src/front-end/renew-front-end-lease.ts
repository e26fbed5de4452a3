import type { Connections } from '../connections.ts';

export interface RenewFrontEndLeaseRequest {
  frontEndId: number;
  /** Client connections that it holds. */
  connections: number;
  /** Default: as it was. */
  state?: 'serving' | 'draining';
  /** Seconds; default 3. */
  lease?: number;
  now?: Date;
}

/** To be called every second. 'gone': it was declared dead meanwhile and must join again. */
export async function renewFrontEndLease(
  connections: Connections,
  request: RenewFrontEndLeaseRequest,
): Promise<'renewed' | 'gone'> {
  const rows = await connections.call({
    name: 'renew_front_end_lease',
    text: 'select * from api.renew_front_end_lease($1, $2, make_interval(secs => $3), coalesce($4, now()), $5)',
    values: [request.frontEndId, request.connections, request.lease ?? 3, request.now, request.state],
  });
  return rows[0]![0] as 'renewed' | 'gone';
}
