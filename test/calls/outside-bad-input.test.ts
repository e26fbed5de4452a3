import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createRequest, createResponse, formatMessage, parseMessage, parseUri, type SipRequest } from '@rollcall/sip';
import type { SipClient, SipDialog } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone } from '../phones.ts';

/** A server outside that one domain is routed to, on UDP. */
class Gateway {
  readonly socket: Socket = createSocket('udp4');
  readonly #messages: { message: ReturnType<typeof parseMessage>; port: number }[] = [];

  async open(): Promise<number> {
    this.socket.on('message', (bytes, { port }) => this.#messages.push({ message: parseMessage(bytes), port }));
    this.socket.bind(0, '127.0.0.1');
    await once(this.socket, 'listening');
    return this.socket.address().port;
  }

  /** The requests that have come and nobody has taken. */
  get waiting(): number {
    return this.#messages.filter(({ message }) => message.kind === 'request').length;
  }

  async receive(method: string): Promise<{ request: SipRequest; port: number }> {
    const find = () =>
      this.#messages.findIndex(({ message }) => message.kind === 'request' && message.method === method);
    await expect.poll(find, { timeout: 5000 }).toBeGreaterThanOrEqual(0);
    const { message, port } = this.#messages.splice(find(), 1)[0]!;
    return { request: message as SipRequest, port };
  }

  answer({ request, port }: { request: SipRequest; port: number }, status: number): void {
    const headers = [['Contact', `<sip:trunk@127.0.0.1:${this.socket.address().port}>`]] as const;
    this.send(formatMessage(createResponse(request, status, undefined, { toTag: 'gateway', headers })), port);
  }

  send(bytes: Buffer, port: number): void {
    this.socket.send(bytes, port, '127.0.0.1');
  }
}

const gateway = new Gateway();
const ABROAD = 'sip:+4930123456@trunk.example';
let pool: FrontEndPool;
let alice: SipClient;
let made = 0;

beforeAll(async () => {
  const route = new Map([['trunk.example', parseUri(`sip:127.0.0.1:${await gateway.open()}`)]]);
  pool = await startFrontEndPool({ route: route as never });
  alice = await openPhone(pool, await pool.addAccount('alice'));
});

afterAll(async () => {
  gateway.socket.close();
  await pool?.stop();
});

/** A call of alice's that the gateway has taken. */
async function connected(): Promise<{ dialog: SipDialog; invite: { request: SipRequest; port: number } }> {
  const outgoing = alice.invite(ABROAD);
  const invite = await gateway.receive('INVITE');
  gateway.answer(invite, 200);
  return { dialog: await outgoing.answered(), invite };
}

describe('a call to a domain that is routed', () => {
  test('reaches its server with the identity of the caller; ACK and BYE go both ways', async () => {
    const { dialog, invite } = await connected();
    expect(invite.request.headers.get('P-Asserted-Identity')).toBe(`<sip:alice@${DOMAIN}>`);
    const ack = await gateway.receive('ACK');
    expect(ack.request.headers.get('Call-ID')).toBe(dialog.callId);
    expect(ack.request.headers.has('Route')).toBe(false);

    const bye = dialog.exchange('BYE');
    gateway.answer(await gateway.receive('BYE'), 200);
    expect((await bye).status).toBe(200);
  });

  test('that the server ends is ended for the caller', async () => {
    const { dialog, invite } = await connected();
    await gateway.receive('ACK');
    const { headers } = invite.request;
    const [port, branch] = [gateway.socket.address().port, `z9hG4bK${randomBytes(6).toString('hex')}`];
    const bye = createRequest({
      method: 'BYE',
      uri: /<(.*)>/.exec(headers.get('Contact') ?? '')?.[1] ?? '',
      headers: [
        ['Via', `SIP/2.0/UDP 127.0.0.1:${port};branch=${branch};rport`],
        ...headers.getAll('Record-Route').map((value) => ['Route', value] as const),
        ['From', dialog.remote],
        ['To', dialog.local],
        ['Call-ID', dialog.callId],
        ['CSeq', '1 BYE'],
      ],
    });
    gateway.send(formatMessage(bye), invite.port);
    alice.answer(await alice.receive('BYE'), 200);
  });

  test('goes to a strict router as such a one reads it', async () => {
    const outgoing = alice.invite(ABROAD, { headers: [['Route', '<sip:old@trunk.example>']] });
    const invite = await gateway.receive('INVITE');
    expect(invite.request.uri).toBe('sip:old@trunk.example');
    expect(invite.request.headers.get('Route')).toBe(`<${ABROAD}>`);
    gateway.answer(invite, 486);
    expect((await outgoing.final()).status).toBe(486);
    await gateway.receive('ACK');
  });
});

describe.each(['INVITE', 'MESSAGE'])('%s to a domain that is routed', (method) => {
  test('in the name of another is refused, and goes nowhere', async () => {
    const mallory = await pool.client({ account: await pool.addAccount(`mallory${++made}`), transport: 'TCP' });
    const before = gateway.waiting;
    for (const from of [`sip:alice@${DOMAIN}`, 'sip:boss@trunk.example', `sip:nobody@${DOMAIN}`]) {
      const request = { method, uri: ABROAD, to: `<${ABROAD}>`, from: `<${from}>;tag=1`, callId: `spoof${++made}` };
      expect((await mallory.send(request)).status).toBe(403);
    }
    expect(gateway.waiting).toBe(before);
  });

  test('with the tokens of an earlier call and no password goes nowhere', async () => {
    const { dialog } = await connected();
    await gateway.receive('ACK');
    const stranger = await pool.client();
    const before = gateway.waiting;
    const headers = dialog.routes.map((value) => ['Route', value] as const);
    const request = { method, uri: ABROAD, to: `<${ABROAD}>`, callId: dialog.callId, headers };
    expect((await stranger.exchange(request)).status).toBe(407);
    expect(gateway.waiting).toBe(before);
  });
});

test.each(['sip:trunk@127.0.0.1:9;maddr=127.0.0.9', 'sip:trunk@127.0.0.9', 'sip:trunk@elsewhere.example'])(
  'the tokens of a call lead to the server that it is with and no other: not to %s',
  async (target) => {
    const { dialog } = await connected();
    await gateway.receive('ACK');
    dialog.target = target;
    const before = gateway.waiting;
    // 480: the name is looked up, and none of its addresses may be gone to.
    expect([403, 480]).toContain((await dialog.exchange('INFO')).status);
    expect(gateway.waiting).toBe(before);
  },
);

test('a message that a server leaves without an answer is told 480: a 408 is for INVITE alone (RFC 4320 §4.2)', async () => {
  expect(
    (await alice.message(ABROAD, 'anybody there?').catch(() => alice.connection.next(isFinal, 12_000))).status,
  ).toBe(480);
}, 30_000);

function isFinal({ status }: { status: number }): boolean {
  return status >= 200;
}
