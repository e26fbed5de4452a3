import { checkText } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';

export interface MarkEndpointStaleRequest {
  accountId: number;
  endpointId: number;
  /** Where it was not reached: one that has registered elsewhere since then is left alone. */
  frontEndId: number;
  flow: string;
  /** As in RoutedEndpoint; one that has registered since then, also from there, is left alone. Absent: no matter. */
  refreshedAt?: number;
  now?: Date;
}

/** An endpoint that was not reached is routed to no more, until it registers again. */
export async function markEndpointStale(
  connections: Connections,
  request: MarkEndpointStaleRequest,
): Promise<'marked' | 'unchanged'> {
  checkText('flow', request.flow);
  const { accountId, endpointId, frontEndId, flow, refreshedAt, now } = request;
  const rows = await connections.call({
    name: 'mark_endpoint_stale',
    text: 'select outcome from api.mark_endpoint_stale($1, $2, $3, $4, $5, coalesce($6, now()))',
    values: [accountId, endpointId, frontEndId, flow, refreshedAt, now],
  });
  return rows[0]![0] as 'marked' | 'unchanged';
}
