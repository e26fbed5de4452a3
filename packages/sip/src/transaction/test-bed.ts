import { createResponse, parseMessage, type SipMessage, type SipRequest, type SipResponse } from '../message/index.ts';
import type { Clock } from './clock.ts';
import type { Flow } from './flow.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { TransactionLayer, type TransactionLayerOptions } from './transaction-layer.ts';

/** A clock for tests: time passes when they say so. */
export class TestClock implements Clock {
  #now = 0;
  readonly #due = new Set<{ at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.#now + milliseconds, run };
    this.#due.add(timer);
    return () => this.#due.delete(timer);
  }

  /** Timers that are running. */
  get pending(): number {
    return this.#due.size;
  }

  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = next.at;
      this.#due.delete(next);
      next.run();
    }
    this.#now = end;
  }

  #next(end: number): { at: number; run: () => void } | undefined {
    let first: { at: number; run: () => void } | undefined;
    for (const timer of this.#due) if (timer.at <= end && (!first || timer.at < first.at)) first = timer;
    return first;
  }
}

/** A flow for tests: keeps what is sent on it. */
export class TestFlow implements Flow {
  readonly id: string;
  readonly transport: 'UDP' | 'TCP';
  readonly reliable: boolean;
  readonly remote = { address: '192.0.2.1', port: 5060 };
  readonly local: { address: string; port: number };
  readonly sent: SipMessage[] = [];
  closed = false;

  constructor(transport: 'UDP' | 'TCP' = 'UDP', id = `${transport}:192.0.2.1:5060`, localAddress = '192.0.2.9') {
    this.id = id;
    this.transport = transport;
    this.reliable = transport === 'TCP';
    this.local = { address: localAddress, port: 5060 };
  }

  send(bytes: Buffer): void {
    this.sent.push(parseMessage(Buffer.from(bytes)));
  }

  close(): void {
    this.closed = true;
  }

  /** What was sent since it was last asked, each as its status or method. */
  taken(): (number | string)[] {
    return this.sent.splice(0).map((message) => (message.kind === 'request' ? message.method : message.status));
  }
}

export interface RequestOptions {
  branch?: string | undefined;
  sentBy?: string;
  sequence?: number;
  toTag?: string | undefined;
  headers?: readonly string[];
}

/** A request as it comes off the wire. */
export function testRequest(method: string, options: RequestOptions = {}): SipRequest {
  const { sentBy = '192.0.2.1:5060', sequence = 1, toTag, headers = [] } = options;
  const branch = 'branch' in options ? options.branch : 'z9hG4bKabc';
  const lines = [
    `${method} sip:bob@example.org SIP/2.0`,
    `Via: SIP/2.0/UDP ${sentBy}${branch === undefined ? '' : `;branch=${branch}`}`,
    'Max-Forwards: 70',
    'From: <sip:alice@example.org>;tag=a',
    `To: <sip:bob@example.org>${toTag === undefined ? '' : `;tag=${toTag}`}`,
    'Call-ID: call',
    `CSeq: ${sequence} ${method}`,
    ...headers,
    'Content-Length: 0',
    '',
    '',
  ];
  return parseMessage(Buffer.from(lines.join('\r\n'))) as SipRequest;
}

/** A request that has no Via yet, as a transaction user hands it to the layer. */
export function outgoingRequest(method: string, headers: readonly string[] = []): SipRequest {
  const request = testRequest(method, { headers });
  request.headers.remove('Via');
  return request;
}

export function answer(request: SipRequest, status: number, toTag = 'b'): SipResponse {
  return createResponse(request, status, undefined, { toTag });
}

/** A layer whose user keeps what it is told, and answers nothing by itself. */
export function startLayer(options: Partial<TransactionLayerOptions> = {}) {
  const clock = new TestClock();
  const transactions: ServerTransaction[] = [];
  const acks: SipRequest[] = [];
  const strays: SipMessage[] = [];
  const layer = new TransactionLayer({
    clock,
    onRequest: (_, transaction) => transactions.push(transaction),
    onAck: (ack) => acks.push(ack),
    onStray: (message) => strays.push(message),
    ...options,
  });
  return { layer, clock, transactions, acks, strays };
}

/** The user of a client transaction, which keeps what it is told. */
export function testUser() {
  const told: string[] = [];
  return {
    told,
    response: ({ status }: { status: number }) => void told.push(`${status}`),
    timeout: () => void told.push('timeout'),
    transportError: () => void told.push('transport error'),
  };
}
