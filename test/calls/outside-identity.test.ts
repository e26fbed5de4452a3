import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN } from '../front-end-pool.ts';
import { type OutsideServer, startOutsideServer } from '../outside-server.ts';
import { CARRIER, GATEWAY, type OutsidePool, startOutsidePool } from './outside-pool.ts';

let bed: OutsidePool;
let carrier: OutsideServer;
let gateway: OutsideServer;

beforeAll(async () => {
  carrier = await startOutsideServer(CARRIER, 200);
  gateway = await startOutsideServer(GATEWAY, 200);
  bed = await startOutsidePool([`carrier.example=sip:${carrier.address}`, `gateway.example=sip:${gateway.address}`]);
});

afterAll(async () => {
  await bed?.pool.stop();
  for (const one of [carrier, gateway]) await one?.close();
});

describe('who calls a server outside', () => {
  const lastOf = ({ requests }: OutsideServer, name: string) =>
    requests
      .at(-1)!
      .split('\r\n')
      .filter((line) => line.startsWith(`${name}:`));
  const asserted = `P-Asserted-Identity: <sip:alice@${DOMAIN}>`;
  const forged = [['P-Asserted-Identity', '<sip:ceo@example.org>']] as const;
  const secret = [['Privacy', 'id']] as const;

  test('is who the pool says, and nobody else', async () => {
    expect((await bed.alice.message('sip:x@carrier.example', 'hello', { headers: forged })).status).toBe(200);
    expect(lastOf(carrier, 'P-Asserted-Identity')).toEqual([asserted]);
    expect(lastOf(carrier, 'Proxy-Authorization')).toEqual([]);
  });

  test.each(['MESSAGE', 'INVITE'])('cannot be somebody else: %s', async (method) => {
    await bed.pool.addAccount('bob');
    const before = carrier.requests.length;
    const uri = 'sip:x@carrier.example';
    const from = `<sip:bob@${DOMAIN}>;tag=1`;
    const answer = await bed.alice.send({ method, uri, to: `<${uri}>`, from, contacts: [bed.alice.contact()] });
    expect(answer.status).toBe(403);
    expect(carrier.requests.length).toBe(before);
  });

  test('who wants not to be known is told to those alone that are trusted', async () => {
    expect((await bed.alice.message('sip:x@carrier.example', 'hello', { headers: secret })).status).toBe(200);
    expect(lastOf(carrier, 'P-Asserted-Identity')).toEqual([]);
    expect((await bed.alice.message('sip:x@gateway.example', 'hello', { headers: secret })).status).toBe(200);
    expect(lastOf(gateway, 'P-Asserted-Identity')).toEqual([asserted]);
    expect(lastOf(gateway, 'Privacy')).toEqual(['Privacy: id']);
  });

  test('from a network that is trusted is who that server says; not told to the account when it wants not to be known', async () => {
    const account = { user: '+4930123', domain: 'carrier.example', password: '' };
    const server = await bed.pool.client({ account, from: GATEWAY });
    const identity = ['P-Asserted-Identity', '<sip:+4930123@carrier.example>'] as const;
    for (const [headers, told] of [
      [[identity], [identity[1]]],
      [[identity, ...secret], []],
    ] as const) {
      const sent = server.message(`sip:alice@${DOMAIN}`, 'hello', { headers });
      const message = await bed.alice.receive('MESSAGE');
      bed.alice.answer(message, 200);
      expect((await sent).status).toBe(200);
      expect(message.headers('P-Asserted-Identity')).toEqual(told);
    }
  });
});
