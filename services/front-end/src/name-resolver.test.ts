import { expect, it } from 'vitest';
import { startDnsServer } from '../../../packages/sip/src/proxy/dns-test-server.ts';
import { makeResolver } from './name-resolver.ts';
import { frontEndSettings } from './settings.ts';

it('asks the servers that it is given; a name of a route may stand in /etc/hosts, another may not', async () => {
  const server = await startDnsServer([['sbc.example.net', 'A', '192.0.2.7']]);
  const route = '*=sip:localhost:5070;transport=tcp';
  const settings = frontEndSettings.parse({
    databaseUrl: 'postgres://x',
    dnsServers: server.resolver.getServers(),
    route,
  });
  expect(await makeResolver(settings).resolve4('sbc.example.net')).toEqual(['192.0.2.7']);
  expect(await makeResolver(settings).resolve4('localhost')).toEqual(['127.0.0.1']);
  await expect(makeResolver({ ...settings, route: undefined }).resolve4('localhost')).rejects.toThrow('ENOTFOUND');
  await server.close();
});
