/** Accounts, requests and measurements that the back-end benches share. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { BackEnd, DigestProof, RegisterRequest } from '../../packages/back-end/src/index.ts';
import { openClient } from '../../packages/test-kit/src/index.ts';

/** Accounts 1 to `count` in an empty database. */
export async function importBenchAccounts(backEnd: BackEnd, count: number): Promise<void> {
  await backEnd.createDomain('example.org');
  const ha1 = { MD5: '0'.repeat(32), 'SHA-256': '0'.repeat(64), 'SHA-512-256': '0'.repeat(64) };
  for (let first = 1; first <= count; first += 1000) {
    const length = Math.min(1000, count - first + 1);
    await backEnd.importAccounts(
      Array.from({ length }, (_, index) => ({ user: `user${first + index}`, domain: 'example.org', ha1 })),
    );
  }
}

/** As a softphone registers: one contact with an instance. The round counts its refreshes. */
export function registerRequest(accountId: number, round: number, challenged = false): RegisterRequest {
  const address = `10.${(accountId >> 16) & 255}.${(accountId >> 8) & 255}.${accountId & 255}:5060`;
  const instance = `<urn:uuid:00000000-0000-1000-8000-${accountId.toString(16).padStart(12, '0')}>`;
  return {
    account: { accountId, credentialVersion: 1 },
    addressOfRecord: String(accountId),
    ...(challenged && { nonce: { id: (BigInt(Date.now()) << 21n) | BigInt(accountId), count: 1 } }),
    callId: `${accountId.toString(36)}-83f09ad1c2b74e05@${address}`,
    cseq: round + 1,
    removeAll: false,
    changes: [
      {
        key: `sip:user${accountId}@${address};transport=tcp`,
        uri: `sip:user${accountId}@${address};transport=tcp`,
        expires: 600,
        instance,
        path: [],
        transport: 'TCP',
        parameters: `;+sip.instance="${instance}"`,
      },
    ],
    maximumEndpoints: 8,
    frontEndId: 1,
    flow: `f${accountId.toString(36)}`,
    receivedFrom: address,
    userAgent: 'Softphone/5.2.3 (release)',
  };
}

/** A right Digest response of that account. */
export function digestProof(accountId: number): DigestProof {
  const digested = `:nonce:00000001:${accountId}:auth:0123456789abcdef0123456789abcdef`;
  const response = createHash('md5')
    .update('0'.repeat(32) + digested)
    .digest('hex');
  return { user: `user${accountId}`, domain: 'example.org', algorithm: 'MD5', digested, response };
}

/** Accounts 1 to `count` register, 400 of them waiting for an answer at any time. */
export async function refreshAll(backEnd: BackEnd, count: number, round: number, now: Date): Promise<void> {
  let next = 1;
  const client = async () => {
    for (let id = next++; id <= count; id = next++) {
      const { outcome } = await backEnd.register({ ...registerRequest(id, round), now });
      if (outcome !== 'registered') throw new Error(outcome);
    }
  };
  await Promise.all(Array.from({ length: 400 }, client));
}

/** CPU µs that PostgreSQL has used: the process, its children, and those that have ended. */
export async function postgresCpu(processId: number): Promise<number> {
  let ticks = 0;
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined);
    const fields = stat
      ?.slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    if (!fields) continue;
    const [parent, user, system, childUser, childSystem] = [1, 11, 12, 13, 14].map((field) => fields[field]!);
    if (Number(name) === processId) ticks += user! + system! + childUser! + childSystem!;
    else if (parent === processId) ticks += user! + system!;
  }
  return ticks * 10_000;
}

export async function endpointSize(url: string): Promise<string> {
  const client = await openClient(url);
  try {
    const { rows } = await client.query(`
      select pg_total_relation_size('data.endpoint') / 1e6 as endpoint, pg_table_size('data.endpoint') / 1e6 as heap,
        pg_total_relation_size('data.account') / 1e6 as account, n_tup_hot_upd as hot, n_tup_upd as updates
      from pg_stat_user_tables where relid = 'data.endpoint'::regclass`);
    const { endpoint, heap, account, hot, updates } = rows[0] as Record<string, string>;
    const mb = (size: string | undefined) => `${Number(size).toFixed(0)} MB`;
    return `endpoint ${mb(endpoint)} (heap ${mb(heap)}), account ${mb(account)}, HOT ${hot}/${updates}`;
  } finally {
    await client.end();
  }
}
