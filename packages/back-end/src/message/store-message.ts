import { hash } from 'node:crypto';
import { bigints, byteas, checkInteger, checkText, integers, texts } from '../array-parameter.ts';
import type { Connections, Row } from '../connections.ts';
import { InvalidValueError } from '../errors.ts';
import { type ReachableEndpoint, readReachable } from './message.ts';

export interface StoreMessageRequest {
  accountId: number;
  /** URIs as the sender wrote them. */
  from: string;
  to: string;
  callId: string;
  /** With it, the same request stored again (a retransmission that came to another front end) is the same message. */
  cseq?: number;
  contentType: string;
  /** To be sent again: Subject, Date … */
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer;
  /** Seconds. */
  expiresIn: number;
  /** Only for these HTTP endpoints; absent: whichever endpoint comes first. */
  instances?: readonly string[];
  maximumMessages: number;
  maximumBytes: number;
  now?: Date;
}

export type StoreMessageOutcome =
  /**
   * Committed. `endpoints`: those reachable now; one that the sender did not try on that front end and flow has registered
   * meanwhile, and was told of no message: deliver to it. `changed`: publish the account's id on the bus, topic `presence`.
   */
  | { outcome: 'stored'; messageId: number; endpoints: ReachableEndpoint[]; changed: boolean }
  | { outcome: 'quota_exceeded' }
  /** No such account. */
  | { outcome: 'unknown' };

type Stored = Extract<StoreMessageOutcome, { outcome: 'stored' }>;

const STORE_MESSAGES = {
  name: 'store_messages',
  text: 'select * from api.store_messages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, coalesce($13, now()))',
};

/** Throws InvalidValueError for what the back end cannot store. */
export function checkStoreMessageRequest(request: StoreMessageRequest): void {
  for (const name of ['from', 'to', 'callId', 'contentType'] as const) checkText(name, request[name]);
  for (const [name, value] of request.headers) {
    checkText('header name', name);
    checkText(name, value);
  }
  for (const instance of request.instances ?? []) {
    checkText('instance', instance);
    if (instance.includes('\n')) throw new InvalidValueError('an instance has one line');
  }
  checkInteger('account id', request.accountId, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('CSeq', request.cseq, 0, 0xffff_ffff);
  checkInteger('expiry', request.expiresIn, 0, 0x7fff_ffff);
  checkInteger('maximum of messages', request.maximumMessages, 0, 0x7fff_ffff);
  checkInteger('maximum of bytes', request.maximumBytes, 0, Number.MAX_SAFE_INTEGER);
}

/** api.store_messages for a batch of distinct accounts; outcomes in the order of the requests. */
export async function storeMessages(
  connections: Connections,
  requests: readonly StoreMessageRequest[],
): Promise<StoreMessageOutcome[]> {
  const now = requests[0]?.now;
  // Only tests set the time, each its own.
  if (requests.some((request) => request.now?.getTime() !== now?.getTime())) {
    const outcomes: StoreMessageOutcome[] = [];
    for (const request of requests) outcomes.push(...(await storeMessages(connections, [request])));
    return outcomes;
  }
  return outcomes(requests.length, await connections.call({ ...STORE_MESSAGES, values: parameters(requests) }));
}

function parameters(requests: readonly StoreMessageRequest[]): unknown[] {
  return [
    bigints(requests, ({ accountId }) => accountId),
    texts(requests, ({ from }) => from),
    texts(requests, ({ to }) => to),
    texts(requests, ({ callId }) => callId),
    byteas(requests, requestHash),
    texts(requests, ({ contentType }) => contentType),
    texts(requests, ({ headers }) => JSON.stringify(headers)),
    byteas(requests, ({ body }) => body),
    integers(requests, ({ expiresIn }) => expiresIn),
    // None at all are for nobody in particular.
    texts(requests, ({ instances }) => (instances?.length ? instances.join('\n') : null)),
    integers(requests, ({ maximumMessages }) => maximumMessages),
    bigints(requests, ({ maximumBytes }) => maximumBytes),
    requests[0]?.now,
  ];
}

function requestHash({ from, callId, cseq }: StoreMessageRequest): Buffer | null {
  if (cseq === undefined) return null;
  return hash('sha256', `${from}\n${callId}\n${cseq}`, 'buffer').subarray(0, 16);
}

function outcomes(length: number, rows: readonly Row[]): StoreMessageOutcome[] {
  const outcomes = new Array<StoreMessageOutcome | undefined>(length);
  for (const row of rows) {
    const [request, outcome, messageId] = row as [number, StoreMessageOutcome['outcome'] | 'changed', number];
    if (outcome === 'changed') {
      // The last rows.
      (outcomes[request - 1] as Stored).changed = true;
      continue;
    }
    if (outcome !== 'stored') {
      outcomes[request - 1] = { outcome };
      continue;
    }
    outcomes[request - 1] ??= { outcome, messageId, endpoints: [], changed: false };
    (outcomes[request - 1] as Stored).endpoints.push(...readReachable([row.slice(3)]));
  }
  return outcomes as StoreMessageOutcome[];
}
