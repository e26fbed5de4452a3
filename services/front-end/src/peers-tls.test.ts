import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PeersTestPool } from './peers-test-pool.ts';

let pool: PeersTestPool;
beforeEach(() => {
  pool = new PeersTestPool();
});
afterEach(() => pool.stop());

describe('TLS between front ends', () => {
  it('goes through when both have certificates of one authority', async () => {
    const authority = await makeAuthority();
    const tls = async () => ({ ...(await authority.sign()), ca: authority.cert });
    const [first, second] = [await pool.start(1, { tls: await tls() }), await pool.start(2, { tls: await tls() })];
    expect(await first.ask(2)).toBe(200);
    expect(second.came[0]!.flow.transport).toBe('TLS');
  });

  it('is refused to a front end whose certificate somebody else signed, whichever of them connects', async () => {
    const [ours, theirs] = [await makeAuthority(), await makeAuthority()];
    const own = { ...(await ours.sign()), ca: ours.cert };
    // It trusts us, and has no certificate that we trust.
    const foreign = { ...(await theirs.sign()), ca: ours.cert };
    const [first, second] = [await pool.start(1, { tls: own }), await pool.start(2, { tls: foreign })];
    await expect(second.peers.flow(1)).rejects.toThrow();
    await expect(first.peers.flow(2)).rejects.toThrow();
    expect([...first.came, ...second.came]).toEqual([]);
  });

  it('is refused to one that comes without TLS', async () => {
    const authority = await makeAuthority();
    const tls = { ...(await authority.sign()), ca: authority.cert };
    const [first, second] = [await pool.start(1, { tls }), await pool.start(2)];
    await expect(second.peers.flow(1)).rejects.toThrow();
    expect(first.came).toEqual([]);
  });
});

async function makeAuthority() {
  const options = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
  const ca = await generate([{ name: 'commonName', value: 'authority' }], {
    ...options,
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
  });
  return {
    cert: ca.cert,
    async sign() {
      const signed = await generate([{ name: 'commonName', value: 'front end' }], {
        ...options,
        ca: { key: ca.private, cert: ca.cert },
      });
      return { cert: signed.cert, key: signed.private };
    },
  };
}
