import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';
import type { DnsResolver } from '@rollcall/sip';
import type { FrontEndSettings } from './settings.ts';

/** A server of names that does not answer holds a request up for about 5 s. */
const PATIENCE = { timeout: 1500, tries: 2 };

/** Asks DNS; what the operator has named may also stand in this machine's /etc/hosts. */
export function makeResolver({ dnsServers, route }: Pick<FrontEndSettings, 'dnsServers' | 'route'>): DnsResolver {
  const resolver = new dns.Resolver(PATIENCE);
  if (dnsServers) resolver.setServers(dnsServers);
  const named = new Set([...(route?.values() ?? [])].map(({ host }) => host).filter((host) => isIP(host) === 0));
  const orHosts = (answer: Promise<string[]>, name: string, family: 4 | 6) =>
    named.has(name)
      ? answer.catch(async (error) => {
          const found = await dns.lookup(name, { family, all: true }).catch(() => Promise.reject(error));
          return found.map(({ address }) => address);
        })
      : answer;
  return {
    resolve4: (name) => orHosts(resolver.resolve4(name), name, 4),
    resolve6: (name) => orHosts(resolver.resolve6(name), name, 6),
    resolveSrv: (name) => resolver.resolveSrv(name),
    resolveNaptr: (name) => resolver.resolveNaptr(name),
  };
}
