import type { Row } from '../connections.ts';

/** A message that waits for an account. */
export interface WaitingMessage {
  id: number;
  /** URIs as the sender wrote them. */
  from: string;
  to: string;
  callId: string;
  contentType: string;
  /** To be sent again: Subject, Date … */
  headers: [name: string, value: string][];
  body: Buffer;
  storedAt: Date;
  expiresAt: Date;
  /** Only for these HTTP endpoints, that have not acknowledged yet; absent: whichever endpoint comes first. */
  instances?: string[];
}

/** An endpoint of the account that may be reached now, as of the same transaction. */
export interface ReachableEndpoint {
  id: number;
  frontEndId: number;
  flow: string;
  instance?: string;
  transport: string;
}

/** The columns that api.take_messages and api.find_messages share. */
export function readMessage(columns: Row): WaitingMessage {
  const [id, from, to, callId, contentType, headers, body, storedAt, expiresAt, instances] = columns as [
    ...[number, string, string, string, string, string, Buffer, Date, Date, string | null],
  ];
  return {
    ...{ id, from, to, callId, contentType, body, storedAt, expiresAt },
    headers: JSON.parse(headers) as [string, string][],
    ...(instances !== null && { instances: instances.split('\n') }),
  };
}

/** The columns of api.reachable_endpoints, from rows that have nulls where there is none. */
export function readReachable(rows: readonly Row[]): ReachableEndpoint[] {
  const endpoints: ReachableEndpoint[] = [];
  for (const row of rows) {
    const [id, frontEndId, flow, instance, transport] = row as [number | null, number, string, string | null, string];
    if (id !== null) endpoints.push({ id, frontEndId, flow, transport, ...(instance !== null && { instance }) });
  }
  return endpoints;
}
