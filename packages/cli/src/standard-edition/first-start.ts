import type { BackEnd } from '@rollcall/back-end';
import { newPassword } from '@rollcall/sip';
import { credentialsOf } from '../account/credentials.ts';
import type { SampleAccount } from './welcome.ts';

/** The domain of a first start that names none. */
export const DEFAULT_DOMAIN = 'localhost';

const SAMPLES = [
  { user: 'admin', role: 'admin' },
  { user: 'alice', role: 'user' },
  { user: 'bob', role: 'user' },
] as const;

export interface Home {
  /** The domain that this server's own addresses stand for. */
  domain: string;
  /** Made by this start, when it is the first one. */
  accounts: SampleAccount[];
}

/**
 * Finds the domain of this Standard Edition: the one asked for, else the one that it was first started with.
 * On a first start the domain, an administrator and two sample accounts are made.
 */
export async function findHome(backEnd: BackEnd, asked: string | undefined): Promise<Home> {
  const [first] = await backEnd.listDomains();
  const domain = asked ?? first?.name ?? DEFAULT_DOMAIN;
  await backEnd.createDomain(domain);
  return { domain, accounts: first === undefined ? await addSamples(backEnd, domain) : [] };
}

async function addSamples(backEnd: BackEnd, domain: string): Promise<SampleAccount[]> {
  const accounts = SAMPLES.map((sample) => ({ ...sample, domain, password: newPassword() }));
  for (const { user, role, password } of accounts)
    await backEnd.addAccount({ user, domain, role, ha1: credentialsOf({ user, domain }, password) });
  return accounts;
}
