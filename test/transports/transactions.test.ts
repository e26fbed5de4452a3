import { setTimeout as sleep } from 'node:timers/promises';
import { newBranch, type SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

/** A REGISTER with credentials, not yet sent. */
async function authorizedRegister(client: SipClient): Promise<string> {
  const contacts = [client.contact()];
  const authorization = client.authorization(await client.exchange({ contacts }));
  return client.request({ contacts, headers: [['Authorization', authorization]] });
}

describe('a REGISTER that is sent again over UDP because its answer got lost', () => {
  it('gets the same answer, and is committed once', async () => {
    const alice = await pool.client();
    const request = await authorizedRegister(alice);
    const first = await alice.exchange(request);
    expect(first.status).toBe(200);
    const [stored] = await pool.backEnd.listEndpoints(alice.account);
    for (let again = 0; again < 3; again++) expect((await alice.exchange(request)).text).toBe(first.text);
    expect((await pool.backEnd.listEndpoints(alice.account))[0]?.refreshedAt).toEqual(stored?.refreshedAt);
  });

  it('while it is still being committed, is answered once', async () => {
    const alice = await pool.client();
    const request = await authorizedRegister(alice);
    const held = await pool.hold(alice.account);
    for (let time = 0; time < 5; time++) alice.connection.send(request);
    await held.awaited();
    expect(await alice.connection.collect(100)).toEqual([]);
    await held.release();
    expect((await alice.connection.next()).status).toBe(200);
    expect(await alice.connection.collect(200)).toEqual([]);
  });
});

describe('clients that are careless with their identifiers', () => {
  it('one that repeats its request with credentials under the same branch and CSeq is understood', async () => {
    const alice = await pool.client();
    const request = { contacts: [alice.contact()], branch: newBranch() };
    const challenged = await alice.exchange({ ...request, cseq: 1 });
    const authorization = alice.authorization(challenged);
    const headers = [['Authorization', authorization]] as const;
    expect((await alice.exchange({ ...request, cseq: 1, headers })).status).toBe(200);
  });

  it('one that keeps its branch for every request is understood', async () => {
    const alice = await pool.client();
    const branch = newBranch();
    for (let n = 0; n < 3; n++)
      expect((await alice.register({ contacts: [alice.contact()], branch })).status).toBe(200);
  });

  it.each([
    { what: 'and each has its own address in the Via', via: undefined },
    { what: 'behind NATs, where their Vias are the same too', via: 'SIP/2.0/UDP 192.168.1.2:5060' },
  ])('two that happen on the same branch, Call-ID and CSeq both register: $what', async ({ via }) => {
    const [alice, bob] = [await pool.client(), await pool.client()];
    const branch = newBranch();
    const register = (client: SipClient) =>
      client.register({
        contacts: [client.contact()],
        callId: `1234${branch}`,
        branch,
        ...(via && { via: `${via};branch=${branch};rport` }),
      });
    const answers = await Promise.all([register(alice), register(bob)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0].header('Contact')).toContain(`sip:${alice.account.user}@`);
    expect(answers[1].header('Contact')).toContain(`sip:${bob.account.user}@`);
  });

  it.each([
    { what: 'no branch', branch: '' },
    { what: 'a branch of RFC 2543', branch: ';branch=1' },
    { what: 'a branch that is only the cookie', branch: ';branch=z9hG4bK' },
  ])('one with $what registers', async ({ branch }) => {
    const alice = await pool.client();
    const { address, port } = alice.connection.local;
    const via = `SIP/2.0/UDP ${address}:${port}${branch}`;
    expect((await alice.register({ via, contacts: [alice.contact()] })).status).toBe(200);
  });

  it('one that leaves Content-Length out of its datagrams registers', async () => {
    const alice = await pool.client();
    const request = (await authorizedRegister(alice)).replace('Content-Length: 0\r\n', '');
    expect((await alice.exchange(request)).status).toBe(200);
  });

  it('one that names the server in a Route registers', async () => {
    const alice = await pool.client();
    const headers = [['Route', `<sip:${pool.frontEnd.addresses.udp};lr>`]] as const;
    expect((await alice.register({ contacts: [alice.contact()], headers })).status).toBe(200);
  });
});

describe('where the answer to a datagram goes', () => {
  it('to the source port, which it tells, for a client that asks with rport', async () => {
    const alice = await pool.client();
    const via = `SIP/2.0/UDP 192.168.1.2:5060;branch=${newBranch()};rport`;
    const answer = await alice.exchange({ method: 'OPTIONS', via });
    const { address, port } = alice.connection.local;
    expect(answer.header('Via')).toBe(via.replace('rport', `rport=${port};received=${address}`));
  });

  it('to the port in the Via, at the source address, for one that does not', async () => {
    const [sender, listener] = [await pool.client(), await pool.client()];
    const via = `SIP/2.0/UDP phone.invalid:${listener.connection.local.port};branch=${newBranch()}`;
    const request = sender.request({ method: 'OPTIONS', via });
    sender.connection.send(request);
    const answer = await listener.finalAnswer(request);
    expect(answer.header('Via')).toBe(`${via};received=127.0.0.1`);
  });

  it('never to a third party that maddr names', async () => {
    const [sender, victim] = [await pool.client(), await pool.client({ from: '127.0.0.9' })];
    const { port } = victim.connection.local;
    const via = `SIP/2.0/UDP 127.0.0.9:${port};branch=${newBranch()};maddr=127.0.0.9`;
    sender.connection.send(sender.request({ method: 'OPTIONS', via }));
    expect(await victim.connection.collect(150)).toEqual([]);
  });

  it('through every proxy on the way: all Vias come back, in order', async () => {
    const alice = await pool.client();
    const headers = [
      ['Via', 'SIP/2.0/TCP proxy.example.net;branch=z9hG4bKa'],
      ['v', 'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKb'],
    ] as const;
    const answer = await alice.exchange({ method: 'OPTIONS', headers });
    expect(answer.headers('Via').slice(1)).toEqual(headers.map(([, value]) => value));
  });
});

describe('an INVITE that is refused', () => {
  it('is so reliably: the answer is repeated until it is acknowledged', async () => {
    const alice = await pool.client();
    const branch = newBranch();
    const invite = { method: 'INVITE', branch, cseq: 1, callId: 'invite' };
    const refused = await alice.exchange({ ...invite, headers: [['Proxy-Require', 'telepathy']] });
    expect(refused.status).toBe(420);
    const repeated = await alice.connection.next(({ status }) => status === 420);
    expect(repeated.text).toBe(refused.text);
    alice.connection.send(alice.request({ ...invite, method: 'ACK', to: refused.header('To') ?? '' }));
    await sleep(50);
    await alice.connection.collect(0);
    expect(await alice.connection.collect(1500)).toEqual([]);
  });
});
