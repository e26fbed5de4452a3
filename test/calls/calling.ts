import type { RunningFrontEnd } from '@rollcall/front-end';
import type { OutgoingCall, SipAccount, SipClient } from '@rollcall/test-kit';
import { expect } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone, SDP, sdp } from '../phones.ts';

/** Two front ends, and alice's phone at the first one, for calls to others. */
export interface Calling {
  readonly pool: FrontEndPool;
  readonly frontEnds: readonly RunningFrontEnd[];
  readonly alice: SipClient;
  /** An account that no other test has. */
  newAccount(name: string): Promise<SipAccount>;
  /** Somebody with a phone at the second front end. */
  callee(): Promise<Callee>;
  /** Alice calls, with a session description. */
  call(uri: string): OutgoingCall;
}

export interface Callee {
  account: SipAccount;
  phone: SipClient;
  uri: string;
}

export async function startCalling(): Promise<Calling> {
  const pool = await startFrontEndPool();
  const frontEnds = [pool.frontEnd, await pool.addFrontEnd()];
  const alice = await openPhone(pool, await pool.addAccount('alice'));
  let made = 0;
  const newAccount = (name: string) => pool.addAccount(`${name}${++made}`);
  return {
    ...{ pool, frontEnds, alice, newAccount },
    async callee() {
      const account = await newAccount('callee');
      const phone = await openPhone(pool, account, { frontEnd: frontEnds[1]! });
      return { account, phone, uri: `sip:${account.user}@${DOMAIN}` };
    },
    call: (uri) => alice.invite(uri, { headers: [SDP], body: sdp() }),
  };
}

/** Nothing has come to this phone: what went wrong would have come at once, and an OPTIONS takes the same way. */
export async function expectQuiet(phone: SipClient): Promise<void> {
  await phone.exchange({ method: 'OPTIONS', uri: `sip:${DOMAIN}` });
  expect(phone.connection.takeRequests()).toEqual([]);
}
