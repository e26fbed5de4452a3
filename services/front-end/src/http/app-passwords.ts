import { publishAccountChange } from '@rollcall/back-end';
import { newAppPassword } from '@rollcall/sip';
import type { FrontEnd } from '../sip/context.ts';
import type { TokenHolder } from '../token/access-token.ts';
import { tokenInvalid } from './authorize.ts';
import { ha1s } from './ha1s.ts';
import { Problem } from './problem.ts';

/** What a device is to be given, which proves itself by Digest: this is the only time that the password is shown. */
export interface MadeAppPassword {
  id: number;
  name: string;
  /** Unescaped. */
  user: string;
  domain: string;
  password: string;
}

export interface ShownAppPassword {
  id: number;
  name: string;
  createdAt: string;
}

/** POST. @throws Problem 401, 409 */
export async function addAppPassword(
  { backEnd, log }: FrontEnd,
  { user, domain, ...session }: TokenHolder,
  name: string,
): Promise<MadeAppPassword> {
  const password = newAppPassword();
  const added = await backEnd.addAppPassword({ ...session, name, ha1: ha1s({ user, domain }, password) });
  switch (added.outcome) {
    case 'added':
      log.info({ account: `${user}@${domain}`, appPassword: added.id }, 'app password added');
      return { id: added.id, name, user, domain, password };
    case 'too_many':
      throw new Problem(409, 'too-many-app-passwords', { detail: 'Remove one that is not used any more' });
    case 'session_closed':
    case 'account_unknown':
      throw tokenInvalid();
  }
}

export async function listAppPasswords({ backEnd }: FrontEnd, accountId: number): Promise<ShownAppPassword[]> {
  const listed = await backEnd.listAppPasswords(accountId);
  return listed.map(({ createdAt, ...shown }) => ({ ...shown, createdAt: createdAt.toISOString() }));
}

/** DELETE: after the commit every front end ends what the password proved. @throws Problem 401, 404 */
export async function removeAppPassword(
  { backEnd, bus, log }: FrontEnd,
  { user, domain, ...session }: TokenHolder,
  id: number,
): Promise<void> {
  switch (await backEnd.removeAppPassword({ ...session, id })) {
    case 'removed':
      publishAccountChange(bus, { user, domain });
      log.info({ account: `${user}@${domain}`, appPassword: id }, 'app password removed');
      return;
    case 'app_password_unknown':
      throw new Problem(404, 'app-password-unknown', { detail: 'There is no such app password' });
    case 'session_closed':
      throw tokenInvalid();
  }
}
