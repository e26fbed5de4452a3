import { isIP } from 'node:net';
import type { Flow } from '@rollcall/sip';
import { hostOf } from '../host-port.ts';
import type { FrontEndSettings } from '../settings.ts';

const WILDCARDS = ['0.0.0.0', '::'];

/**
 * The Service-Route of RFC 3608 for a client on `flow`: the address at which that client reaches the pool.
 * Undefined where that is not known, that is on UDP with a wildcard address and no `--advertise`.
 */
export function serviceRoute(
  { advertise, host }: Pick<FrontEndSettings, 'advertise' | 'host'>,
  flow: Flow,
): string | undefined {
  // A connection knows the address that the client has connected to, a balancer's too.
  const reached = advertise ?? (flow.reliable && isIP(host) ? flow.local.address : host);
  if (WILDCARDS.includes(reached)) return undefined;
  // RFC 7118 §5.2.4: `ws` stands for both.
  const transport = flow.transport === 'WSS' ? 'ws' : flow.transport.toLowerCase();
  return `<sip:${isIP(reached) ? hostOf(reached) : reached}:${flow.local.port};transport=${transport};lr>`;
}
