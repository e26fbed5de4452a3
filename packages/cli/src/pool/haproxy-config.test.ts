import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { composeConfig } from './compose-config.ts';
import { haproxyConfig } from './haproxy-config.ts';

it('docker/haproxy/haproxy.cfg is the one that is made: node docker/write-haproxy-config.ts', async () => {
  const file = new URL('../../../../docker/haproxy/haproxy.cfg', import.meta.url);
  expect(await readFile(file, 'utf8')).toBe(composeConfig());
});

it('both editions balance alike: they differ in addresses, servers and how these are found', () => {
  const local = haproxyConfig({
    ...{ sip: 'a:1', sips: 'a:2', http: 'a:3', operators: 'a:4' },
    serverLines: () => ['server front-end-1 127.64.0.1:25060'],
  });
  const shared = (config: string) =>
    config
      .slice(config.indexOf('\ndefaults'))
      .split('\n')
      .filter((line) => !/^ {2}(bind|server|server-template|default-server) /.test(line));
  expect(shared(composeConfig())).toEqual(shared(local));
});
