import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

const get = (path: string) => fetch(`http://${pool.frontEnd.addresses.http}${path}`);

describe('what an operator asks a front end over HTTP', () => {
  it('/healthz: does it live?', async () => {
    const response = await get('/healthz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'alive' });
  });

  it('/readyz: may it get traffic?', async () => {
    const response = await get('/readyz');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ready', reasons: [] });
  });

  it('anything else is not there', async () => {
    expect((await get('/')).status).toBe(404);
  });

  it('/metrics: in the format of Prometheus', async () => {
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=/);
    expect(await response.text()).toMatch(/^# TYPE rollcall_sip_requests_received_total counter$/m);
  });
});

describe('the figures in /metrics move', () => {
  /** How much each sample grows while `what` happens. */
  async function growth<Name extends string>(samples: Record<Name, string>, what: () => Promise<unknown>) {
    const read = () => Promise.all(Object.values<string>(samples).map((sample) => pool.metric(sample)));
    const before = await read();
    await what();
    const after = await read();
    const grown = Object.keys(samples).map((name, n) => [name, after[n]! - before[n]!]);
    return Object.fromEntries(grown) as Record<Name, number>;
  }

  it('with a registration: two requests, a challenge, a verification, an answer', async () => {
    const alice = await pool.client();
    const grown = await growth(
      {
        received: 'rollcall_sip_requests_received_total{method="REGISTER",transport="UDP"}',
        challenged: 'rollcall_sip_responses_sent_total{method="REGISTER",status="401"}',
        registered: 'rollcall_sip_responses_sent_total{method="REGISTER",status="200"}',
        verified: 'rollcall_authentications_total{outcome="succeeded"}',
        timed: 'rollcall_sip_request_seconds_count{method="REGISTER"}',
        transactions: 'rollcall_sip_transactions',
      },
      () => alice.register({ contacts: [alice.contact()] }),
    );
    // The challenge leaves no transaction behind; the 200 is kept for retransmissions.
    expect(grown).toEqual({ received: 2, challenged: 1, registered: 1, verified: 1, timed: 2, transactions: 1 });
  });

  it('with a wrong password', async () => {
    const { account } = await pool.client();
    const wrong = await pool.client({ account: { ...account, password: 'wrong' } });
    const grown = await growth({ failed: 'rollcall_authentications_total{outcome="failed"}' }, () => wrong.register());
    expect(grown).toEqual({ failed: 1 });
  });

  it('with connections that open and close', async () => {
    const samples = { tcp: 'rollcall_tcp_connections', tls: 'rollcall_tls_connections' };
    const clients: { close(): Promise<void> }[] = [];
    const opened = await growth(samples, async () => {
      for (const transport of ['TCP', 'TCP', 'TLS'] as const) {
        const client = await pool.client({ transport });
        clients.push(client);
        await client.exchange({ method: 'OPTIONS' });
      }
    });
    expect(opened).toEqual({ tcp: 2, tls: 1 });
    for (const client of clients) await client.close();
    await expect.poll(() => pool.metric('rollcall_tcp_connections')).toBe(0);
    await expect.poll(() => pool.metric('rollcall_tls_connections')).toBe(0);
  });

  it('in one sample for all methods that somebody makes up', async () => {
    const alice = await pool.client();
    const samples = { other: 'rollcall_sip_responses_sent_total{method="other",status="407"}' };
    const grown = await growth(samples, async () => {
      for (const method of ['FOO', 'BAR', 'BAZ']) await alice.exchange({ method });
    });
    expect(grown).toEqual({ other: 3 });
    expect(await (await get('/metrics')).text()).not.toContain('BAR');
  });
});
