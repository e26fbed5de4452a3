import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SipClient } from '@rollcall/test-kit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startDnsServer, type ZoneRecord } from '../../packages/sip/src/proxy/dns-test-server.ts';
import { frontEndSettings } from '../../services/front-end/src/settings.ts';
import { type Program, startProgram } from '../clients/program.ts';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type OutsideServer, startOutsideServer } from '../outside-server.ts';
import { openPhone } from '../phones.ts';

/** Named by a route alone; its requests need a password. */
const CARRIER = '127.0.0.8';
/** In a network that is trusted. */
const GATEWAY = '127.0.0.9';
const PORTS = { UDP: 16_072, TCP: 16_074, second: 16_076, third: 16_078, kamailio: 16_080 };

let pool: FrontEndPool;
let folder: string;
let alice: SipClient;
let silent: OutsideServer;
let overloaded: OutsideServer;
let carrier: OutsideServer;
let gateway: OutsideServer;
let dns: Awaited<ReturnType<typeof startDnsServer>>;
const programs: Program[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-outside-'));
  silent = await startOutsideServer('127.0.0.7');
  overloaded = await startOutsideServer('127.0.0.7', 503);
  carrier = await startOutsideServer(CARRIER, 200);
  gateway = await startOutsideServer(GATEWAY, 200);
  dns = await startDnsServer(zone());
  const trustedNetworks = new BlockList();
  trustedNetworks.addAddress(GATEWAY);
  const routes = [
    `udp.example=sip:${CARRIER}:${PORTS.UDP}`,
    `tcp.example=sip:${CARRIER}:${PORTS.TCP};transport=tcp`,
    `kamailio.example=sip:${CARRIER}:${PORTS.kamailio};transport=tcp`,
    `carrier.example=sip:${carrier.address}`,
    `gateway.example=sip:${gateway.address}`,
    'refused.example=sip:refused.example;transport=tcp',
    ...['silent', 'overloaded'].map((name) => `${name}.example=sip:${name}.example;transport=udp`),
  ];
  const { route } = frontEndSettings.parse({ databaseUrl: 'postgres://x', route: routes.join(',') });
  pool = await startFrontEndPool({ trustedNetworks, route, dnsServers: dns.resolver.getServers() });
  alice = await openPhone(pool, await pool.addAccount('alice'));
});

afterEach(() => {
  for (const { child } of programs.splice(0)) child.kill('SIGKILL');
});

afterAll(async () => {
  await pool?.stop();
  for (const one of [silent, overloaded, carrier, gateway, dns]) await one?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Two servers each: the first one fails in its own way. */
function zone(): ZoneRecord[] {
  const servers = (name: string, protocol: string, first: string, second: number): ZoneRecord[] => {
    const [address, port] = first.split(':') as [string, string];
    return [
      [`_sip._${protocol}.${name}.example`, 'SRV', `10 1 ${port} first.${name}.example`],
      [`_sip._${protocol}.${name}.example`, 'SRV', `20 1 ${second} second.${name}.example`],
      [`first.${name}.example`, 'A', address],
      [`second.${name}.example`, 'A', CARRIER],
    ];
  };
  return [
    ...servers('refused', 'tcp', '127.0.0.7:9', PORTS.second),
    ...servers('silent', 'udp', silent.address, PORTS.third),
    ...servers('overloaded', 'udp', overloaded.address, PORTS.third),
  ];
}

/** SIPp with a scenario; its exit status is 0 when every message came that the scenario wants. */
function sipp(scenario: string, transport: 'UDP' | 'TCP', args: readonly string[]): Program {
  const file = new URL(`scenarios/${scenario}.xml`, import.meta.url).pathname;
  const common = ['-sf', file, '-t', transport === 'UDP' ? 'u1' : 't1', '-m', '1', '-nostdin', '-trace_err'];
  const program = startProgram('sipp', [...common, '-timeout', '20', '-timeout_error', ...args], {
    cwd: folder,
    seconds: 25,
  });
  programs.push(program);
  return program;
}

async function answering(scenario: string, transport: 'UDP' | 'TCP', port: number): Promise<Program> {
  const program = sipp(scenario, transport, ['-i', CARRIER, '-p', String(port)]);
  await listens(transport, port);
  return program;
}

async function listens(transport: 'UDP' | 'TCP', port: number): Promise<void> {
  // It listens: no connection of an earlier test.
  const listed = `:${port.toString(16).toUpperCase()} 00000000:0000 `;
  const file = `/proc/net/${transport.toLowerCase()}`;
  await expect.poll(async () => (await readFile(file, 'utf8')).includes(listed), { timeout: 5000 }).toBe(true);
}

async function succeeded(program: Program): Promise<void> {
  const { status } = await program.ended;
  const errors = (await readdir(folder)).filter((name) => name.endsWith('_errors.log'));
  const said = await Promise.all(errors.map((name) => readFile(join(folder, name), 'utf8')));
  expect(status, said.join('\n').slice(0, 2000)).toBe(0);
}

describe.each(['UDP', 'TCP'] as const)('a server outside of the pool, over %s', (transport) => {
  const callee = `sip:+4930123@${transport.toLowerCase()}.example`;

  test('is called, acknowledged, and hears that the caller hangs up', async () => {
    const server = await answering('answer', transport, PORTS[transport]);
    const dialog = await alice.invite(callee).answered();
    expect((await dialog.exchange('BYE')).status).toBe(200);
    await succeeded(server);
  });

  test('is called and hangs up', async () => {
    const server = await answering('answer-and-hang-up', transport, PORTS[transport]);
    await alice.invite(callee).answered();
    alice.answer(await alice.receive('BYE'), 200);
    await succeeded(server);
  });

  test('finds the pool again where it listens, whatever connection it was called on', async () => {
    const server = await answering('answer', transport, PORTS[transport]);
    const dialog = await alice.invite(callee).answered();
    const { udp, tcp } = pool.frontEnd.addresses;
    expect(dialog.routes.at(-1)).toContain(`@${transport === 'UDP' ? udp : tcp};`);
    await dialog.exchange('BYE');
    await succeeded(server);
  });

  test.each(['caller', 'callee'])('calls an account from a trusted network, and the %s hangs up', async (who) => {
    const to = pool.frontEnd.addresses[transport === 'UDP' ? 'udp' : 'tcp'];
    const server = sipp(`call-${who}-hangs-up`, transport, ['-i', GATEWAY, '-s', 'alice', to]);
    const dialog = alice.accept(await alice.receive('INVITE'));
    await alice.receive('ACK');
    if (who === 'caller') alice.answer(await alice.receive('BYE'), 200);
    else expect((await dialog.exchange('BYE')).status).toBe(200);
    await succeeded(server);
  });
});

test.each(['answer', 'answer-and-hang-up'])(
  'a call goes through Kamailio, which stays in it: %s',
  async (scenario) => {
    const config = new URL('scenarios/kamailio.cfg', import.meta.url).pathname;
    const callee = `CALLEE="sip:${CARRIER}:${PORTS.UDP}"`;
    const args = ['-DD', '-E', '-Y', folder, '-f', config, '-A', `PORT=${PORTS.kamailio}`, '-A', callee];
    const proxy = startProgram('kamailio', args, { cwd: folder, seconds: 25 });
    try {
      await listens('TCP', PORTS.kamailio).catch((error) => Promise.reject(new Error(`${error}\n${proxy.output()}`)));
      const server = await answering(scenario, 'UDP', PORTS.UDP);
      const dialog = await alice.invite('sip:+4930123@kamailio.example').answered();
      if (scenario === 'answer') expect((await dialog.exchange('BYE')).status).toBe(200);
      else alice.answer(await alice.receive('BYE'), 200);
      await succeeded(server);
    } finally {
      // Its workers end with it, as they would not after SIGKILL.
      proxy.child.kill('SIGTERM');
      await proxy.ended;
    }
  },
  20_000,
);

describe('the next server of a domain is called', () => {
  const call = async (domain: string) => {
    const started = performance.now();
    const dialog = await alice.invite(`sip:+4930123@${domain}`).answered(10_000);
    const ms = performance.now() - started;
    expect((await dialog.exchange('BYE')).status).toBe(200);
    return ms;
  };

  test('when the first one refuses the connection', async () => {
    const server = await answering('answer', 'TCP', PORTS.second);
    expect(await call('refused.example')).toBeLessThan(1500);
    await succeeded(server);
  });

  test('when the first one is overloaded', async () => {
    const server = await answering('answer', 'UDP', PORTS.third);
    expect(await call('overloaded.example')).toBeLessThan(1500);
    expect(overloaded.requests.some((text) => text.startsWith('INVITE'))).toBe(true);
    await succeeded(server);
  });

  test('when the first one is silent, and at once the next time', async () => {
    const server = await answering('answer', 'UDP', PORTS.third);
    expect(await call('silent.example')).toBeLessThan(6000);
    expect(silent.requests.length).toBeGreaterThan(0);
    await succeeded(server);
    const again = await answering('answer', 'UDP', PORTS.third);
    expect(await call('silent.example')).toBeLessThan(1500);
    await succeeded(again);
  }, 20_000);
});

describe('this is no relay for everybody', () => {
  test.each(['INVITE', 'MESSAGE', 'SUBSCRIBE'])('%s to a domain without a route: 403', async (method) => {
    const uri = 'sip:somebody@elsewhere.example';
    expect((await alice.send({ method, uri, to: `<${uri}>`, contacts: [alice.contact()] })).status).toBe(403);
  });

  test('a server that is not trusted needs a password, also to reach an account', async () => {
    const stranger = await pool.client({ account: { user: 'x', domain: 'udp.example', password: '' }, from: CARRIER });
    const { status } = await stranger.message(`sip:alice@${DOMAIN}`, 'hello');
    expect(status).toBe(403);
  });

  test.each([
    { how: 'its address', target: (address: string) => `sip:x@${address}` },
    { how: 'the address of the other side and maddr', target: (address: string) => maddr(CARRIER, address) },
    { how: 'an address that is trusted and maddr', target: (address: string) => maddr(GATEWAY, address) },
  ])('the tokens of a call lead to nobody but its other side: by $how', async ({ target }) => {
    const elsewhere = await startOutsideServer('127.0.0.6', 200);
    const server = await answering('answer', 'UDP', PORTS.UDP);
    const dialog = await alice.invite('sip:+4930123@udp.example').answered();
    const real = dialog.target;
    dialog.target = target(elsewhere.address);
    expect((await dialog.exchange('INFO')).status).toBeGreaterThanOrEqual(400);
    expect(elsewhere.requests).toEqual([]);
    dialog.target = real;
    await dialog.exchange('BYE');
    await succeeded(server);
    await elsewhere.close();
  });

  const maddr = (host: string, address: string) => {
    const [other, port] = address.split(':');
    return `sip:x@${host}:${port};maddr=${other}`;
  };
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
    expect((await alice.message('sip:x@carrier.example', 'hello', { headers: forged })).status).toBe(200);
    expect(lastOf(carrier, 'P-Asserted-Identity')).toEqual([asserted]);
    expect(lastOf(carrier, 'Proxy-Authorization')).toEqual([]);
  });

  test.each(['MESSAGE', 'INVITE'])('cannot be somebody else: %s', async (method) => {
    await pool.addAccount('bob');
    const before = carrier.requests.length;
    const uri = 'sip:x@carrier.example';
    const from = `<sip:bob@${DOMAIN}>;tag=1`;
    const answer = await alice.send({ method, uri, to: `<${uri}>`, from, contacts: [alice.contact()] });
    expect(answer.status).toBe(403);
    expect(carrier.requests.length).toBe(before);
  });

  test('who wants not to be known is told to those alone that are trusted', async () => {
    expect((await alice.message('sip:x@carrier.example', 'hello', { headers: secret })).status).toBe(200);
    expect(lastOf(carrier, 'P-Asserted-Identity')).toEqual([]);
    expect((await alice.message('sip:x@gateway.example', 'hello', { headers: secret })).status).toBe(200);
    expect(lastOf(gateway, 'P-Asserted-Identity')).toEqual([asserted]);
    expect(lastOf(gateway, 'Privacy')).toEqual(['Privacy: id']);
  });

  test('from a network that is trusted is who that server says; not told to the account when it wants not to be known', async () => {
    const account = { user: '+4930123', domain: 'carrier.example', password: '' };
    const server = await pool.client({ account, from: GATEWAY });
    const identity = ['P-Asserted-Identity', '<sip:+4930123@carrier.example>'] as const;
    for (const [headers, told] of [
      [[identity], [identity[1]]],
      [[identity, ...secret], []],
    ] as const) {
      const sent = server.message(`sip:alice@${DOMAIN}`, 'hello', { headers });
      const message = await alice.receive('MESSAGE');
      alice.answer(message, 200);
      expect((await sent).status).toBe(200);
      expect(message.headers('P-Asserted-Identity')).toEqual(told);
    }
  });
});
