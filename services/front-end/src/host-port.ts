import { networkInterfaces } from 'node:os';

/** An address as a host part: IPv6 in brackets (RFC 3261 §25.1). */
export function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

export function hostPort({ address, port }: { address: string; port: number }): string {
  return `${hostOf(address)}:${port}`;
}

/** The parts of what `hostPort` made; an IPv6 address without its brackets. */
export function splitHostPort(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

/** Where others reach what listens on `hostPort`: a wildcard is no address, so the machine's first one stands for it. */
export function reachable(hostAndPort: string): string {
  const port = hostAndPort.slice(hostAndPort.lastIndexOf(':') + 1);
  const family = { [`0.0.0.0:${port}`]: 'IPv4', [`[::]:${port}`]: 'IPv6' }[hostAndPort];
  if (family === undefined) return hostAndPort;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const address = own.find((one) => one.family === family && !one.internal)?.address;
  return hostPort({ address: address ?? (family === 'IPv4' ? '127.0.0.1' : '::1'), port: Number(port) });
}
