import { BlockList } from 'node:net';
import type { FrontEndSettings } from '@rollcall/front-end';
import type { SipClient } from '@rollcall/test-kit';
import { frontEndSettings } from '../../services/front-end/src/settings.ts';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone } from '../phones.ts';

/** Named by a route alone; its requests need a password. */
export const CARRIER = '127.0.0.8';
/** In a network that is trusted. */
export const GATEWAY = '127.0.0.9';

/** A front end that has ways out of the pool, and alice's phone. */
export interface OutsidePool {
  readonly pool: FrontEndPool;
  readonly alice: SipClient;
}

/** `routes`: as --route takes them, e.g. `udp.example=sip:127.0.0.8:5060`. */
export async function startOutsidePool(
  routes: readonly string[],
  settings: Partial<FrontEndSettings> = {},
): Promise<OutsidePool> {
  const trustedNetworks = new BlockList();
  trustedNetworks.addAddress(GATEWAY);
  const { route } = frontEndSettings.parse({ databaseUrl: 'postgres://x', route: routes.join(',') });
  const pool = await startFrontEndPool({ trustedNetworks, route, ...settings });
  return { pool, alice: await openPhone(pool, await pool.addAccount('alice')) };
}
