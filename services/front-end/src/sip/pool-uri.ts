import { isIP } from 'node:net';
import type { Flow } from '@rollcall/sip';
import { hostOf, hostPort, reachable } from '../host-port.ts';
import type { FrontEndSettings } from '../settings.ts';

const WILDCARDS = ['0.0.0.0', '::'];

type Addressed = Pick<FrontEndSettings, 'advertise' | 'host'>;

/**
 * The Service-Route of RFC 3608 for a client on `flow`: the address at which that client reaches the pool.
 * Undefined where that is not known, that is on UDP with a wildcard address and no `--advertise`.
 */
export function serviceRoute(settings: Addressed, flow: Flow): string | undefined {
  const reached = reachedAt(settings, flow);
  return WILDCARDS.includes(reached) ? undefined : `<sip:${address(reached, flow)};lr>`;
}

/** The Record-Route of RFC 3261 §16.6 step 4 for the side of a dialog that is on `flow`; `token` names its endpoint. */
export function recordRoute(settings: Addressed, flow: Flow, token: string): string {
  return `<sip:${token}@${reachableAddress(settings, flow)};lr>`;
}

/** The Contact of this pool in a dialog with a client on `flow` (RFC 3261 §8.1.1.8): any front end behind that address answers. */
export function contactUri(settings: Addressed, flow: Flow): string {
  return `sip:${reachableAddress(settings, flow)}`;
}

function reachableAddress(settings: Addressed, flow: Flow): string {
  const reached = reachedAt(settings, flow);
  // Datagrams to a wildcard: the machine's first address is the best guess, and --advertise does away with it.
  const host = WILDCARDS.includes(reached) ? reachable(hostPort({ address: reached, port: 0 })).slice(0, -2) : reached;
  return address(host, flow);
}

/** A connection knows the address that the client has connected to, a balancer's too. */
function reachedAt({ advertise, host }: Addressed, flow: Flow): string {
  return advertise ?? (flow.reliable && isIP(host) ? flow.local.address : host);
}

function address(host: string, flow: Flow): string {
  // RFC 7118 §5.2.4: `ws` stands for both.
  const transport = flow.transport === 'WSS' ? 'ws' : flow.transport.toLowerCase();
  return `${isIP(host) ? hostOf(host) : host}:${flow.local.port};transport=${transport}`;
}
