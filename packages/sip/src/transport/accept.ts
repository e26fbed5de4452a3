import { type BlockList, isIPv6, type Socket } from 'node:net';
import type { DropReason } from './listener.ts';
import { type ConnectionEnds, parseProxyHeader, plainAddress } from './proxy-protocol.ts';

export interface AcceptOptions {
  /** Balancers: whoever connects from here must say first, by a PROXY header, for whom. Default nobody. */
  proxyNetworks?: BlockList | undefined;
  /** How long a balancer may take for its header, ms. */
  proxyHeaderMs?: number;
  dropped?(reason: DropReason): void;
}

const PROXY_HEADER_MS = 3000;

/**
 * Makes the handler of a server's new connections: it hands on each with the client's address, after it has taken
 * the PROXY header off those that come from a balancer.
 */
export function acceptor(
  options: AcceptOptions,
  accepted: (socket: Socket, ends: ConnectionEnds) => void,
): (socket: Socket) => void {
  return (socket) => {
    // Reset before we looked, as the checks of HAProxy are: it says no more whom it was from.
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const remote = { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 };
    const local = { address: plainAddress(socket.localAddress), port: socket.localPort ?? 0 };
    const own = { remote, local, secure: false };
    if (!isBalancer(remote.address, options.proxyNetworks)) accepted(socket, own);
    else readProxyHeader(socket, options, (ends) => accepted(socket, ends ?? own));
  };
}

function isBalancer(address: string, networks: BlockList | undefined): boolean {
  return networks !== undefined && address !== '' && networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Takes the header off the stream, however it is cut into packets, and leaves what follows to be read. */
function readProxyHeader(
  socket: Socket,
  { proxyHeaderMs = PROXY_HEADER_MS, dropped }: AcceptOptions,
  done: (ends: ConnectionEnds | undefined) => void,
): void {
  let held: Buffer = Buffer.alloc(0);
  const refuse = () => {
    forget();
    dropped?.('proxy');
    socket.destroy();
  };
  const read = () => {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const header = parseProxyHeader(held);
      if (header.kind === 'incomplete') continue;
      if (header.kind === 'malformed') return refuse();
      forget();
      if (held.length > header.length) socket.unshift(held.subarray(header.length));
      return done(header.ends);
    }
  };
  // A balancer that only tries whether the port is open has done nothing wrong.
  const ended = () => (held.length > 0 ? refuse() : gone());
  const gone = () => {
    forget();
    socket.destroy();
  };
  const timer = setTimeout(refuse, proxyHeaderMs);
  const forget = () => {
    clearTimeout(timer);
    socket.off('readable', read).off('end', ended).off('error', gone).off('close', gone);
  };
  socket.on('readable', read).on('end', ended).on('error', gone).on('close', gone);
}
