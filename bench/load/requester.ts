import type { Answer } from './answer.ts';

/** Sends requests and waits for their final answers, as the client side of RFC 3261 §17.1.2 does. */
export interface Requester {
  readonly transport: 'UDP' | 'TCP' | 'TLS' | 'WS';
  /** host:port that answers come to. */
  readonly local: string;
  /** Requests that were sent again, so far. */
  readonly retransmissions: number;
  /** `make` gets the Via value, branch included. Rejects with NoAnswerError at Timer F. */
  request(make: (via: string) => string): Promise<Answer>;
  close(): void;
}

export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly request: string;

  constructor(request: string, why: string) {
    super(`no answer: ${why}\n${request}`);
    this.request = request;
  }
}

/** RFC 3261 §17.1.2.2, ms. */
export const T1 = 500;
export const T2 = 4000;
export const TIMER_F = 64 * T1;

export interface Target {
  address: string;
  port: number;
}

/** From `host:port`. */
export function targetOf(hostPort: string): Target {
  const at = hostPort.lastIndexOf(':');
  return { address: hostPort.slice(0, at), port: Number(hostPort.slice(at + 1)) };
}
