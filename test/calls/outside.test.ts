import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startProgram } from '../clients/program.ts';
import { CARRIER, GATEWAY, type OutsidePool, startOutsidePool } from './outside-pool.ts';
import { listens, openSippScenarios, type SippScenarios } from './sipp-scenarios.ts';

const PORTS = { UDP: 16_072, TCP: 16_074, kamailio: 16_080 };

let bed: OutsidePool;
let sipp: SippScenarios;

beforeAll(async () => {
  sipp = await openSippScenarios();
  bed = await startOutsidePool([
    `udp.example=sip:${CARRIER}:${PORTS.UDP}`,
    `tcp.example=sip:${CARRIER}:${PORTS.TCP};transport=tcp`,
    `kamailio.example=sip:${CARRIER}:${PORTS.kamailio};transport=tcp`,
  ]);
});

afterEach(() => {
  sipp.kill();
});

afterAll(async () => {
  await bed?.pool.stop();
  await sipp?.close();
});

describe.each(['UDP', 'TCP'] as const)('a server outside of the pool, over %s', (transport) => {
  const callee = `sip:+4930123@${transport.toLowerCase()}.example`;

  test('is called, acknowledged, and hears that the caller hangs up', async () => {
    const server = await sipp.answering('answer', transport, { host: CARRIER, port: PORTS[transport] });
    const dialog = await bed.alice.invite(callee).answered();
    expect((await dialog.exchange('BYE')).status).toBe(200);
    await sipp.succeeded(server);
  });

  test('is called and hangs up', async () => {
    const server = await sipp.answering('answer-and-hang-up', transport, { host: CARRIER, port: PORTS[transport] });
    await bed.alice.invite(callee).answered();
    bed.alice.answer(await bed.alice.receive('BYE'), 200);
    await sipp.succeeded(server);
  });

  test('finds the pool again where it listens, whatever connection it was called on', async () => {
    const server = await sipp.answering('answer', transport, { host: CARRIER, port: PORTS[transport] });
    const dialog = await bed.alice.invite(callee).answered();
    const { udp, tcp } = bed.pool.frontEnd.addresses;
    expect(dialog.routes.at(-1)).toContain(`@${transport === 'UDP' ? udp : tcp};`);
    await dialog.exchange('BYE');
    await sipp.succeeded(server);
  });

  test.each(['caller', 'callee'])('calls an account from a trusted network, and the %s hangs up', async (who) => {
    const to = bed.pool.frontEnd.addresses[transport === 'UDP' ? 'udp' : 'tcp'];
    const server = sipp.run(`call-${who}-hangs-up`, transport, ['-i', GATEWAY, '-s', 'alice', to]);
    const dialog = bed.alice.accept(await bed.alice.receive('INVITE'));
    await bed.alice.receive('ACK');
    if (who === 'caller') bed.alice.answer(await bed.alice.receive('BYE'), 200);
    else expect((await dialog.exchange('BYE')).status).toBe(200);
    await sipp.succeeded(server);
  });
});

test.each(['answer', 'answer-and-hang-up'])(
  'a call goes through Kamailio, which stays in it: %s',
  async (scenario) => {
    const config = new URL('scenarios/kamailio.cfg', import.meta.url).pathname;
    const callee = `CALLEE="sip:${CARRIER}:${PORTS.UDP}"`;
    const args = ['-DD', '-E', '-Y', sipp.folder, '-f', config, '-A', `PORT=${PORTS.kamailio}`, '-A', callee];
    const proxy = startProgram('kamailio', args, { cwd: sipp.folder, seconds: 25 });
    try {
      await listens('TCP', PORTS.kamailio).catch((error) => Promise.reject(new Error(`${error}\n${proxy.output()}`)));
      const server = await sipp.answering(scenario, 'UDP', { host: CARRIER, port: PORTS.UDP });
      const dialog = await bed.alice.invite('sip:+4930123@kamailio.example').answered();
      if (scenario === 'answer') expect((await dialog.exchange('BYE')).status).toBe(200);
      else bed.alice.answer(await bed.alice.receive('BYE'), 200);
      await sipp.succeeded(server);
    } finally {
      // Its workers end with it, as they would not after SIGKILL.
      proxy.child.kill('SIGTERM');
      await proxy.ended;
    }
  },
  20_000,
);
