import type { FrontEnd } from './context.ts';

/** A MESSAGE of an account of the pool that comes from no SIP client: over HTTP, or from a server application. */
export interface OutgoingMessage {
  sender: { accountId: number; credentialVersion: number; user: string; domain: string };
  /** A SIP URI. */
  to: string;
  contentType: string;
  body: Buffer;
  /** Further header fields, such as Subject. */
  headers: readonly (readonly [name: string, value: string])[];
}

/** 200: an endpoint took it; 202: it is stored; else it went nowhere. */
export interface MessageOutcome {
  status: number;
  reason: string;
}

/** Sends it as the MESSAGE of a SIP client would be. */
export async function sendMessage(_frontEnd: FrontEnd, _message: OutgoingMessage): Promise<MessageOutcome> {
  return { status: 501, reason: 'Not Implemented' };
}
