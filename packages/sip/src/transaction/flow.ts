/** One client connection, or one UDP 5-tuple (RFC 5626 §1). The transport makes them; transactions only send. */
export interface Flow {
  /** Names the flow within this process: two flows that are open at the same time never share it. */
  readonly id: string;
  readonly transport: 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS';
  /** False only for UDP: there messages are retransmitted. */
  readonly reliable: boolean;
  readonly remote: { readonly address: string; readonly port: number };
  readonly local: { readonly address: string; readonly port: number };
  readonly closed: boolean;
  /** What the client has shown in its TLS handshake, where the listener asks and it had one. */
  readonly certificate?: ClientCertificate | undefined;
  send(bytes: Buffer): void;
  close(reason?: string): void;
}

export interface ClientCertificate {
  /** Why it is not believed; absent when an authority of the listener has signed it, for clients, and it holds now. */
  readonly refused?: string;
  /** The addresses that it names; domains in lower case, users unescaped. None when it is refused. */
  readonly addresses: readonly { readonly user: string; readonly domain: string }[];
}

/** Sends, and says what went wrong. */
export function sendOn(flow: Flow, bytes: Buffer): Error | undefined {
  if (flow.closed) return new Error(`Flow ${flow.id} is closed`);
  try {
    flow.send(bytes);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
  return undefined;
}
