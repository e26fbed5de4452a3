/** A back end with a domain, for the tests of the procedures; the tests own the clock. */
import { createHash } from 'node:crypto';
import {
  type BackEnd,
  type BindingChange,
  type DigestProof,
  openBackEnd,
  type RegisteredEndpoint,
  type RegisterOutcome,
  type RegisterRequest,
} from '../../packages/back-end/src/index.ts';
import { createTestDatabase, type TestDatabase } from '../../packages/test-kit/src/index.ts';

export interface Fixture {
  readonly database: TestDatabase;
  /** Connected as the superuser, so that every procedure may be called. */
  readonly backEnd: BackEnd;
  /** Of another process, as it were. */
  readonly otherBackEnd: BackEnd;
  /** A new account of example.org, named after what is given. */
  addAccount(name?: string): Promise<TestAccount>;
  close(): Promise<void>;
}

export interface TestAccount {
  user: string;
  domain: string;
  accountId: number;
}

export const DOMAIN = 'example.org';
export const HA1 = { MD5: '01'.repeat(16), 'SHA-256': '02'.repeat(32), 'SHA-512-256': '03'.repeat(32) };
export const NOON = new Date('2027-03-01T12:00:00Z');

/** `seconds` after noon. */
export function at(seconds: number): Date {
  return new Date(NOON.getTime() + seconds * 1000);
}

export async function openFixture(): Promise<Fixture> {
  const database = await createTestDatabase();
  const [backEnd, otherBackEnd] = await Promise.all(
    [database.url, database.url].map((databaseUrl) => openBackEnd({ databaseUrl })),
  );
  await backEnd!.createDomain(DOMAIN);
  let accounts = 0;
  return {
    database,
    backEnd: backEnd!,
    otherBackEnd: otherBackEnd!,
    addAccount: async (name = 'user') => {
      const address = { user: `${name}-${++accounts}`, domain: DOMAIN };
      const added = await backEnd!.addAccount({ ...address, ha1: HA1 });
      if (added.outcome !== 'added') throw new Error(added.outcome);
      return { ...address, accountId: added.accountId };
    },
    close: async () => {
      await Promise.all([backEnd!.close(), otherBackEnd!.close()]);
      await database.drop();
    },
  };
}

/** A REGISTER of one contact at noon, unless said otherwise. */
export function request({ accountId }: { accountId: number }, changes: Partial<RegisterRequest> = {}): RegisterRequest {
  return {
    account: { accountId, credentialVersion: 1 },
    addressOfRecord: String(accountId),
    callId: 'call-1',
    cseq: 1,
    removeAll: false,
    changes: [contact('phone')],
    maximumEndpoints: 8,
    frontEndId: 1,
    flow: 'flow-1',
    receivedFrom: '192.0.2.1:5060',
    now: NOON,
    ...changes,
  };
}

export const DIGESTED = ':nonce:00000001:cnonce:auth:0123456789abcdef0123456789abcdef';

/** A Digest response, as RFC 7616 §3.4.1 makes it. */
export function proof(
  { user }: { user: string },
  ha1: string = HA1.MD5,
  changes: Partial<DigestProof> = {},
): DigestProof {
  const algorithm = changes.algorithm ?? 'MD5';
  const response = createHash(algorithm === 'MD5' ? 'md5' : 'sha256').update(ha1 + DIGESTED);
  return { user, domain: DOMAIN, algorithm, digested: DIGESTED, response: response.digest('hex'), ...changes };
}

/** As `request`, of an account that is proven and not named. */
export function presentedRequest(account: DigestProof, changes: Partial<RegisterRequest> = {}): RegisterRequest {
  return { ...request({ accountId: 0 }), account, addressOfRecord: `${account.user}@${account.domain}`, ...changes };
}

/** A Contact header value for 600 seconds, unless said otherwise. */
export function contact(host: string, changes: Partial<BindingChange> = {}): BindingChange {
  const uri = `sip:alice@${host}`;
  return { key: uri, uri, expires: 600, path: [], transport: 'UDP', parameters: '', ...changes };
}

/** The endpoints of a registered outcome; fails on any other. */
export function endpoints(outcome: RegisterOutcome): RegisteredEndpoint[] {
  if (outcome.outcome !== 'registered') throw new Error(`not registered: ${outcome.outcome}`);
  return outcome.endpoints.toSorted((a, b) => a.id - b.id);
}

export function uris(outcome: RegisterOutcome): string[] {
  return endpoints(outcome).map((endpoint) => endpoint.uri);
}
