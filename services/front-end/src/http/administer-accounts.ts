import { publishAccountChange } from '@rollcall/back-end';
import type { FrontEnd } from '../sip/context.ts';
import type { TokenHolder } from '../token/access-token.ts';
import { notPermitted } from './authorize.ts';
import { accountUnknown, addressOf, findAccount, type ShownAccount } from './find-accounts.ts';
import { ha1s } from './ha1s.ts';
import { Problem } from './problem.ts';

/** POST. @throws Problem 403, 409, 422 */
export async function addAccount(
  frontEnd: FrontEnd,
  admin: TokenHolder,
  { address: text, password, role = 'user' }: { address: string; password: string; role?: 'user' | 'admin' },
): Promise<ShownAccount> {
  const address = await addressOf(frontEnd, text).catch(() => undefined);
  if (!address) throw new Problem(422, 'invalid-request', { detail: 'That is no address like alice@example.org' });
  const request = { ...address, role, ha1: ha1s(address, password) };
  switch ((await frontEnd.backEnd.addAccountAsAdmin(admin, request)).outcome) {
    case 'added':
      return findAccount(frontEnd, text);
    case 'exists':
      throw new Problem(409, 'account-exists', { detail: 'There is such an account already' });
    case 'domain_unknown':
      throw new Problem(422, 'domain-unknown', { detail: `The pool does not serve ${address.domain}` });
    case 'not_permitted':
      throw notPermitted();
  }
}

/** PATCH: the answer leaves after the commit, and then every front end is told. @throws Problem 403, 404, 409 */
export async function changeAccount(
  frontEnd: FrontEnd,
  admin: TokenHolder,
  text: string,
  { enabled, password }: { enabled?: boolean; password?: string },
): Promise<ShownAccount> {
  const address = await addressOf(frontEnd, text);
  const changed = await frontEnd.backEnd.changeAccountAsAdmin(admin, {
    ...address,
    ...(enabled !== undefined && { enabled }),
    ...(password !== undefined && { ha1: ha1s(address, password) }),
  });
  switch (changed.outcome) {
    case 'changed':
      publishAccountChange(frontEnd.bus, address, changed.removed, changed.changed);
      frontEnd.log.info({ account: text, admin: admin.user, enabled }, 'account changed over HTTP');
      return findAccount(frontEnd, text);
    case 'account_unknown':
      throw accountUnknown();
    case 'disabled_by_directory':
      throw new Problem(409, 'disabled-by-directory', {
        detail: 'The account is disabled in the directory that it follows',
      });
    case 'not_permitted':
      throw notPermitted();
  }
}

/** DELETE. @throws Problem 403, 404, 409 */
export async function removeAccount(frontEnd: FrontEnd, admin: TokenHolder, text: string): Promise<void> {
  const address = await addressOf(frontEnd, text);
  const removed = await frontEnd.backEnd.removeAccountAsAdmin(admin, address);
  switch (removed.outcome) {
    case 'removed':
      publishAccountChange(frontEnd.bus, address, removed.removed, removed.changed);
      frontEnd.log.info({ account: text, admin: admin.user }, 'account removed over HTTP');
      return;
    case 'account_unknown':
      throw accountUnknown();
    case 'follows_directory':
      throw new Problem(409, 'follows-directory', {
        detail: 'The account follows a directory, and is to be removed there',
      });
    case 'not_permitted':
      throw notPermitted();
  }
}
