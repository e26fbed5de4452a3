import { ha1 } from '@rollcall/sip';
import type { AccountName } from './account-uri.ts';

/** The HA1s of every algorithm, so that which ones are offered can change later; the password itself goes no further. */
export function credentialsOf({ user, domain }: AccountName, password: string) {
  return {
    MD5: ha1('MD5', user, domain, password),
    'SHA-256': ha1('SHA-256', user, domain, password),
    'SHA-512-256': ha1('SHA-512-256', user, domain, password),
  };
}
