import type { Frame } from '../message/index.ts';
import type { Flow } from '../transaction/index.ts';

/** What a listener tells its owner. Each handler runs synchronously on the socket's event and must not throw. */
export interface ListenerEvents {
  /** One whole message: a datagram, or one frame of a stream. */
  message(bytes: Buffer, flow: Flow): void;
  /** A stream that broke a limit or the framing: answer on the flow if wanted; the listener closes it afterwards. */
  broken(frame: Extract<Frame, { kind: 'too-large' | 'malformed' }>, flow: Flow): void;
  opened?(flow: Flow): void;
  closed?(flow: Flow): void;
  /** The other end of a stream has answered a keep-alive, or begins one. */
  pong?(flow: Flow): void;
  /** Something was thrown away; `reason` is one of few fixed words, fit for a metric label. */
  dropped?(reason: DropReason): void;
}

export type DropReason =
  | 'keep-alive'
  | 'runt'
  | 'slow-reader'
  | 'silent-connection'
  | 'too-many-connections'
  | 'tls-handshake'
  | 'proxy'
  | 'too-large'
  | 'websocket-handshake'
  | 'websocket-frame'
  | 'send-failed';

export interface Address {
  address: string;
  port: number;
}

export interface Listener {
  readonly transport: 'UDP' | 'TCP' | 'TLS';
  /** The bound address; the port is the real one when 0 was asked for. */
  readonly address: Address;
  /** Open connections; 0 for UDP. */
  readonly connections: number;
  /** Stops accepting and closes every connection. */
  close(): Promise<void>;
}
