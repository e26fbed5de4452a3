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
