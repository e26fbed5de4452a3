import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startDnsServer, type ZoneRecord } from '../../packages/sip/src/proxy/dns-test-server.ts';
import { type OutsideServer, startOutsideServer } from '../outside-server.ts';
import { CARRIER, type OutsidePool, startOutsidePool } from './outside-pool.ts';
import { openSippScenarios, type SippScenarios } from './sipp-scenarios.ts';

/** Where the second server of each domain listens. */
const PORTS = { TCP: 16_076, UDP: 16_078 };

let bed: OutsidePool;
let sipp: SippScenarios;
let silent: OutsideServer;
let overloaded: OutsideServer;
let dns: Awaited<ReturnType<typeof startDnsServer>>;

beforeAll(async () => {
  sipp = await openSippScenarios();
  silent = await startOutsideServer('127.0.0.7');
  overloaded = await startOutsideServer('127.0.0.7', 503);
  dns = await startDnsServer(zone());
  const routes = [
    'refused.example=sip:refused.example;transport=tcp',
    ...['silent', 'overloaded'].map((name) => `${name}.example=sip:${name}.example;transport=udp`),
  ];
  bed = await startOutsidePool(routes, { dnsServers: dns.resolver.getServers() });
});

afterEach(() => {
  sipp.kill();
});

afterAll(async () => {
  await bed?.pool.stop();
  for (const one of [silent, overloaded, dns]) await one?.close();
  await sipp?.close();
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
    ...servers('refused', 'tcp', '127.0.0.7:9', PORTS.TCP),
    ...servers('silent', 'udp', silent.address, PORTS.UDP),
    ...servers('overloaded', 'udp', overloaded.address, PORTS.UDP),
  ];
}

describe('the next server of a domain is called', () => {
  const call = async (domain: string) => {
    const started = performance.now();
    const dialog = await bed.alice.invite(`sip:+4930123@${domain}`).answered(10_000);
    const ms = performance.now() - started;
    expect((await dialog.exchange('BYE')).status).toBe(200);
    return ms;
  };

  test('when the first one refuses the connection', async () => {
    const server = await sipp.answering('answer', 'TCP', { host: CARRIER, port: PORTS.TCP });
    expect(await call('refused.example')).toBeLessThan(1500);
    await sipp.succeeded(server);
  });

  test('when the first one is overloaded', async () => {
    const server = await sipp.answering('answer', 'UDP', { host: CARRIER, port: PORTS.UDP });
    expect(await call('overloaded.example')).toBeLessThan(1500);
    expect(overloaded.requests.some((text) => text.startsWith('INVITE'))).toBe(true);
    await sipp.succeeded(server);
  });

  test('when the first one is silent, and at once the next time', async () => {
    const server = await sipp.answering('answer', 'UDP', { host: CARRIER, port: PORTS.UDP });
    expect(await call('silent.example')).toBeLessThan(6000);
    expect(silent.requests.length).toBeGreaterThan(0);
    await sipp.succeeded(server);
    const again = await sipp.answering('answer', 'UDP', { host: CARRIER, port: PORTS.UDP });
    expect(await call('silent.example')).toBeLessThan(1500);
    await sipp.succeeded(again);
  }, 20_000);
});
