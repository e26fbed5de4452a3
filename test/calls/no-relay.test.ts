import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN } from '../front-end-pool.ts';
import { startOutsideServer } from '../outside-server.ts';
import { CARRIER, GATEWAY, type OutsidePool, startOutsidePool } from './outside-pool.ts';
import { openSippScenarios, type SippScenarios } from './sipp-scenarios.ts';

const PORT = 16_082;

let bed: OutsidePool;
let sipp: SippScenarios;

beforeAll(async () => {
  sipp = await openSippScenarios();
  bed = await startOutsidePool([`udp.example=sip:${CARRIER}:${PORT}`]);
});

afterEach(() => {
  sipp.kill();
});

afterAll(async () => {
  await bed?.pool.stop();
  await sipp?.close();
});

describe('this is no relay for everybody', () => {
  test.each(['INVITE', 'MESSAGE', 'SUBSCRIBE'])('%s to a domain without a route: 403', async (method) => {
    const uri = 'sip:somebody@elsewhere.example';
    expect((await bed.alice.send({ method, uri, to: `<${uri}>`, contacts: [bed.alice.contact()] })).status).toBe(403);
  });

  test('a server that is not trusted needs a password, also to reach an account', async () => {
    const stranger = await bed.pool.client({
      account: { user: 'x', domain: 'udp.example', password: '' },
      from: CARRIER,
    });
    const { status } = await stranger.message(`sip:alice@${DOMAIN}`, 'hello');
    expect(status).toBe(403);
  });

  test.each([
    { how: 'its address', target: (address: string) => `sip:x@${address}` },
    { how: 'the address of the other side and maddr', target: (address: string) => maddr(CARRIER, address) },
    { how: 'an address that is trusted and maddr', target: (address: string) => maddr(GATEWAY, address) },
  ])('the tokens of a call lead to nobody but its other side: by $how', async ({ target }) => {
    const elsewhere = await startOutsideServer('127.0.0.6', 200);
    const server = await sipp.answering('answer', 'UDP', { host: CARRIER, port: PORT });
    const dialog = await bed.alice.invite('sip:+4930123@udp.example').answered();
    const real = dialog.target;
    dialog.target = target(elsewhere.address);
    expect((await dialog.exchange('INFO')).status).toBeGreaterThanOrEqual(400);
    expect(elsewhere.requests).toEqual([]);
    dialog.target = real;
    await dialog.exchange('BYE');
    await sipp.succeeded(server);
    await elsewhere.close();
  });

  const maddr = (host: string, address: string) => {
    const [other, port] = address.split(':');
    return `sip:x@${host}:${port};maddr=${other}`;
  };
});
