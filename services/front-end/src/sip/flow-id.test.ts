import { expect, test } from 'vitest';
import { flowIdOf } from './flow-id.ts';

const at = (uri: string, receivedFrom = '192.0.2.1:40000', transport = 'UDP') =>
  flowIdOf({ transport, flow: 'tcp:7', uri, receivedFrom });

test.each([
  ['its Contact names where it came from', 'sip:bob@192.0.2.1:40000', 'udp:192.0.2.1:40000'],
  ['with parameters', 'sip:bob@192.0.2.1:40000;transport=udp', 'udp:192.0.2.1:40000'],
  ['it listens at another port', 'sip:bob@192.0.2.1:5062;ob', 'udp:192.0.2.1:5062'],
  ['at the usual one', 'sip:bob@192.0.2.1', 'udp:192.0.2.1:5060'],
  ['it is behind a NAT', 'sip:bob@10.0.0.2:5060', 'udp:192.0.2.1:40000'],
  ['its user part names the address', 'sip:192.0.2.1:40000@10.0.0.2', 'udp:192.0.2.1:40000'],
])('on UDP: %s', (_, uri, flow) => {
  expect(at(uri)).toBe(flow);
});

test('a port that only begins alike is another', () => {
  expect(at('sip:bob@192.0.2.1:40001', '192.0.2.1:4000')).toBe('udp:192.0.2.1:40001');
});

test('a connection is its flow, whatever the Contact says', () => {
  expect(at('sip:bob@192.0.2.1:40000', '192.0.2.1:40000', 'TCP')).toBe('tcp:7');
});
