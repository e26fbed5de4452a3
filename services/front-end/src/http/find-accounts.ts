import type { ListedAccount } from '@rollcall/back-end';
import type { FrontEnd } from '../sip/context.ts';
import { type AccountAddress, findAddress, showAddress } from './address.ts';
import { listOwnEndpoints, type ShownEndpoint } from './find-endpoints.ts';
import { Problem } from './problem.ts';

export interface ShownAccount {
  id: number;
  /** `alice@example.org` */
  address: string;
  role: ListedAccount['role'];
  enabled: boolean;
  createdAt: string;
  endpoints: number;
}

export async function listAccounts(
  frontEnd: FrontEnd,
  after: number,
  limit: number,
): Promise<{ accounts: ShownAccount[]; next: string | null }> {
  const listed = await frontEnd.backEnd.listAccounts({ after, limit });
  const last = listed.length < limit ? undefined : listed.at(-1);
  return { accounts: listed.map(shown), next: last ? String(last.id) : null };
}

/** @throws Problem 404 */
export async function findAccount(frontEnd: FrontEnd, text: string): Promise<ShownAccount> {
  const [listed] = await frontEnd.backEnd.listAccounts(await addressOf(frontEnd, text));
  if (!listed) throw accountUnknown();
  return shown(listed);
}

/** @throws Problem 404 */
export async function listAccountEndpoints(frontEnd: FrontEnd, text: string): Promise<ShownEndpoint[]> {
  await findAccount(frontEnd, text);
  return listOwnEndpoints(frontEnd, await addressOf(frontEnd, text));
}

/** @throws Problem 404 for what cannot be anybody's address */
export async function addressOf(frontEnd: FrontEnd, text: string): Promise<AccountAddress> {
  const address = await findAddress(frontEnd, text);
  if (!address) throw accountUnknown();
  return address;
}

export function accountUnknown(): Problem {
  return new Problem(404, 'account-unknown', { detail: 'There is no such account' });
}

function shown({ id, user, domain, role, enabled, createdAt, endpoints }: ListedAccount): ShownAccount {
  return { id, address: showAddress({ user, domain }), role, enabled, createdAt: createdAt.toISOString(), endpoints };
}
