import { bigints, integers, texts } from '../array-parameter.ts';
import type { Connections } from '../connections.ts';
import type { RemovalReason } from '../registration/removal.ts';
import { checkSession, type SessionReference } from '../session/session.ts';

export interface FindEndpointEventsRequest extends SessionReference {
  instance: string;
  /** The last event that was sent; absent: all of the present registration. */
  after?: number;
  now?: Date;
}

export interface EndpointEvent {
  id: number;
  event: 'registered' | 'removed';
  reason?: RemovalReason;
  occurredAt: Date;
}

export interface EndpointEvents {
  /** At most 100; when there are as many there may be more. */
  events: EndpointEvent[];
  /** For the next `after`; undefined when the endpoint is unknown. */
  after: number | undefined;
  /** 'session_closed': these are the last events; 'endpoint_unknown': nothing to follow. */
  state: 'caught_up' | 'session_closed' | 'endpoint_unknown';
}

/** api.find_endpoint_events for a batch of streams, all at the time of the first. */
export async function findEndpointEvents(
  connections: Connections,
  requests: readonly FindEndpointEventsRequest[],
): Promise<EndpointEvents[]> {
  for (const request of requests) checkSession(request);
  const rows = await connections.call({
    name: 'find_endpoint_events',
    text: 'select * from api.find_endpoint_events($1, $2::text[]::uuid[], $3, $4, $5, coalesce($6, now()))',
    values: [
      bigints(requests, (request) => request.accountId),
      texts(requests, (request) => request.sessionId),
      integers(requests, (request) => request.credentialVersion),
      texts(requests, (request) => request.instance),
      bigints(requests, (request) => request.after),
      requests[0]?.now,
    ],
  });
  const found = requests.map((): EndpointEvents => ({ events: [], after: undefined, state: 'endpoint_unknown' }));
  for (const [stream, outcome, id, event, reason, occurredAt] of rows) {
    const of = found[(stream as number) - 1]!;
    if (outcome === 'event')
      of.events.push({ id, event, ...(reason !== null && { reason }), occurredAt } as EndpointEvent);
    else {
      of.state = outcome as EndpointEvents['state'];
      of.after = (id as number | null) ?? undefined;
    }
  }
  return found;
}
