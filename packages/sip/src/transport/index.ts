export { type AcceptOptions, acceptor } from './accept.ts';
export { type ConnectOptions, ConnectTimeoutError, connectStream } from './connect.ts';
export type { Address, DropReason, Listener, ListenerEvents } from './listener.ts';
export { type ConnectionEnds, startsWithProxyHeader } from './proxy-protocol.ts';
export { listenStream, STREAM_LIMITS, type StreamOptions } from './stream.ts';
export type { StreamFlow, StreamLimits } from './stream-flow.ts';
export { listenUdp, responseFlow, type UdpListener, type UdpOptions } from './udp.ts';
export {
  asksForWebSocket,
  serveWebSockets,
  WEB_SOCKET_LIMITS,
  type WebSocketListener,
  type WebSocketOptions,
} from './websocket.ts';
export type { WebSocketLimits } from './websocket-flow.ts';
