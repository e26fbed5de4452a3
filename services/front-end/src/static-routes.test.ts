import { readSettings } from '@rollcall/process';
import { expect, it } from 'vitest';
import { frontEndSettings } from './settings.ts';
import { staticRoute } from './static-routes.ts';

const read = (route: string) => readSettings(frontEndSettings, { databaseUrl: 'postgres://x', route }, {}).route;

it('requests for a domain go where its route says, for any other where * says', () => {
  const routes = read('Example.net=sip:10.0.0.9:5070;transport=tcp, *=sips:gateway.test');
  expect(staticRoute(routes, 'example.net')).toMatchObject({ scheme: 'sip', host: '10.0.0.9', port: 5070 });
  expect(staticRoute(routes, 'example.net')?.parameters.get('transport')).toBe('tcp');
  expect(staticRoute(routes, 'elsewhere.test')).toMatchObject({ scheme: 'sips', host: 'gateway.test' });
  expect(staticRoute(read('example.net=sip:10.0.0.9'), 'elsewhere.test')).toBeUndefined();
  expect(staticRoute(undefined, 'example.net')).toBeUndefined();
});

it.each(['example.net', 'example.net=', '=sip:10.0.0.9', 'a b=sip:10.0.0.9', 'a=tel:1', 'a=sip:b,a=sip:c', 'a=sip:b,'])(
  'the route %j is refused with an example',
  (route) => {
    if (route === '') expect(read(route)).toBeUndefined();
    else expect(() => read(route)).toThrow(/--route .*must be routes like example\.net=sip:10\.0\.0\.9/);
  },
);
