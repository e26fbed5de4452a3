import type { NaptrRecord, SrvRecord } from 'node:dns';
import { isIP } from 'node:net';
import type { SipUri } from '../message/index.ts';
import { inOrderOfService } from './service-order.ts';

/** The part of `node:dns/promises` that is used. */
export interface DnsResolver {
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
  resolveSrv(name: string): Promise<SrvRecord[]>;
  resolveNaptr(name: string): Promise<NaptrRecord[]>;
}

export interface Hop {
  transport: 'UDP' | 'TCP' | 'TLS';
  /** An IP address, without brackets. */
  host: string;
  port: number;
}

type Transport = Hop['transport'];

/** How many are ever tried, and how many records of one answer are looked at. */
const MAXIMUM_HOPS = 16;

const SERVICES: Readonly<Record<string, Transport>> = { 'SIP+D2U': 'UDP', 'SIP+D2T': 'TCP', 'SIPS+D2T': 'TLS' };
/** Where a transport's SRV records are, in the order to ask for them. */
const SRV_PREFIXES: Readonly<Record<Transport, string>> = { UDP: '_sip._udp.', TCP: '_sip._tcp.', TLS: '_sips._tcp.' };

/**
 * Where a request to `uri` goes, in the order to try (RFC 3263 §4), at most 16 places; empty when there is none, or
 * DNS does not answer. `random` returns a number from 0 to below 1.
 */
export async function locate(uri: SipUri, resolver: DnsResolver, random: () => number): Promise<Hop[]> {
  const target = withoutBrackets(uri.parameters.text('maddr') ?? uri.host);
  const secure = uri.scheme === 'sips';
  const named = uri.parameters.text('transport')?.toUpperCase();
  const asked = named === undefined ? undefined : transportOf(named, secure);
  if (named !== undefined && asked === undefined) return [];
  // RFC 3263 §4.1: without a transport parameter, an address or a port means UDP, or TLS for sips.
  const transport = asked ?? (secure ? 'TLS' : 'UDP');
  const port = uri.port ?? (transport === 'TLS' ? 5061 : 5060);
  if (isIP(target) !== 0) return [{ transport, host: target, port }];
  if (uri.port !== undefined) return addresses(resolver, target, transport, port);

  const services = asked
    ? [{ transport: asked, name: SRV_PREFIXES[asked] + target }]
    : await findServices(resolver, target, secure);
  const answers = await Promise.all(services.map(({ name }) => answerOf(resolver.resolveSrv(name))));
  const found = answers.some((records) => records.length > 0);
  const places = answers.flatMap((records, index) =>
    inOrderOfService(records.slice(0, MAXIMUM_HOPS), random).map((record) => ({
      ...record,
      ...services[index]!,
      host: record.name,
    })),
  );
  const hops: Hop[] = [];
  for (const { host, port, transport } of places.slice(0, MAXIMUM_HOPS)) {
    if (hops.length >= MAXIMUM_HOPS) break;
    // RFC 2782: the root says that the service is decidedly not there.
    if (host !== '' && host !== '.') add(hops, await addresses(resolver, host, transport, port));
  }
  // RFC 3263 §4.2: without SRV records, the name is looked up as an address.
  return found ? hops : addresses(resolver, target, transport, port);
}

/** RFC 3263 §4.1: transport=tls is obsolete and used; sips needs TLS, which runs over TCP. */
function transportOf(name: string, secure: boolean): Transport | undefined {
  if (name === 'TLS' || (name === 'TCP' && secure)) return 'TLS';
  return (name === 'UDP' || name === 'TCP') && !secure ? name : undefined;
}

/** RFC 3263 §4.1: the SRV names that NAPTR records lead to, else those that the target would have. */
async function findServices(
  resolver: DnsResolver,
  target: string,
  secure: boolean,
): Promise<{ transport: Transport; name: string }[]> {
  const records = (await answerOf(resolver.resolveNaptr(target)))
    .filter(({ flags, service }) => {
      const transport = SERVICES[service.toUpperCase()];
      return flags.toLowerCase() === 's' && transport !== undefined && (!secure || transport === 'TLS');
    })
    .sort((a, b) => a.order - b.order || a.preference - b.preference)
    .slice(0, MAXIMUM_HOPS);
  if (records.length > 0) {
    return records.map(({ service, replacement }) => ({
      transport: SERVICES[service.toUpperCase()]!,
      name: replacement,
    }));
  }
  const transports: Transport[] = secure ? ['TLS'] : ['UDP', 'TCP', 'TLS'];
  return transports.map((transport) => ({ transport, name: SRV_PREFIXES[transport] + target }));
}

async function addresses(resolver: DnsResolver, name: string, transport: Transport, port: number): Promise<Hop[]> {
  if (isIP(name) !== 0) return [{ transport, host: name, port }];
  const [four, six] = await Promise.all([answerOf(resolver.resolve4(name)), answerOf(resolver.resolve6(name))]);
  return [...four, ...six].slice(0, MAXIMUM_HOPS).map((host) => ({ transport, host, port }));
}

function add(hops: Hop[], more: readonly Hop[]): void {
  for (const hop of more) {
    const known = hops.some(
      (each) => each.host === hop.host && each.port === hop.port && each.transport === hop.transport,
    );
    if (!known && hops.length < MAXIMUM_HOPS) hops.push(hop);
  }
}

/** No records for whatever DNS says against them. */
async function answerOf<T>(answer: Promise<T[]>): Promise<T[]> {
  try {
    return await answer;
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === 'string') return [];
    throw error;
  }
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
