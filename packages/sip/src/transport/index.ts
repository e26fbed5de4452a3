export type { Address, DropReason, Listener, ListenerEvents } from './listener.ts';
export { listenStream, STREAM_LIMITS, type StreamLimits, type StreamOptions } from './stream.ts';
export { listenUdp, responseFlow, type UdpOptions } from './udp.ts';
