import { ha1 } from '@rollcall/sip';
import type { AccountAddress } from './address.ts';

/** Of every algorithm, so that which ones are offered can change later. */
export function ha1s({ user, domain }: AccountAddress, password: string) {
  return {
    MD5: ha1('MD5', user, domain, password),
    'SHA-256': ha1('SHA-256', user, domain, password),
    'SHA-512-256': ha1('SHA-512-256', user, domain, password),
  };
}
