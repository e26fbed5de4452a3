/** An address as a host part: IPv6 in brackets (RFC 3261 §25.1). */
export function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

export function hostPort({ address, port }: { address: string; port: number }): string {
  return `${hostOf(address)}:${port}`;
}
