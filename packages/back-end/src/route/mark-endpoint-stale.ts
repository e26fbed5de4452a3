import type { Connections } from '../connections.ts';

export interface MarkEndpointStaleRequest {
  accountId: number;
  endpointId: number;
  /** Where it was not reached: one that has registered elsewhere since then is left alone. */
  frontEndId: number;
  flow: string;
  now?: Date;
}

/** An endpoint that was not reached is routed to no more, until it registers again. */
export async function markEndpointStale(
  _connections: Connections,
  _request: MarkEndpointStaleRequest,
): Promise<'marked' | 'unchanged'> {
  throw new Error('not yet');
}
