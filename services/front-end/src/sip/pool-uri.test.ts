import type { Flow } from '@rollcall/sip';
import { expect, it } from 'vitest';
import { serviceRoute } from './pool-uri.ts';

const flow = (transport: 'UDP' | 'TLS', address: string) =>
  ({ transport, reliable: transport !== 'UDP', local: { address, port: 5060 } }) as Flow;

it('names the address at which the client reached us, or the one that was advertised', () => {
  expect(serviceRoute({ host: '192.0.2.1' }, flow('UDP', '192.0.2.1'))).toBe('<sip:192.0.2.1:5060;transport=udp;lr>');
  expect(serviceRoute({ host: '0.0.0.0' }, flow('TLS', '192.0.2.7'))).toBe('<sip:192.0.2.7:5060;transport=tls;lr>');
  expect(serviceRoute({ host: '0.0.0.0' }, flow('UDP', '0.0.0.0'))).toBeUndefined();
  expect(serviceRoute({ host: '::1' }, flow('UDP', '::1'))).toBe('<sip:[::1]:5060;transport=udp;lr>');
  expect(serviceRoute({ host: '0.0.0.0', advertise: 'sip.example.org' }, flow('UDP', '0.0.0.0'))).toBe(
    '<sip:sip.example.org:5060;transport=udp;lr>',
  );
});
