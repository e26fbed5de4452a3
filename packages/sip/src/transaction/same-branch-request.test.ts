import { expect, test } from 'vitest';
import { checkRequest } from '../message/index.ts';
import { createAck, createCancel } from './same-branch-request.ts';
import { answer, testRequest } from './test-bed.ts';

const ROUTES = ['Route: <sip:p1.example.org;lr>, <sip:p2.example.org;lr>', 'Route: <sip:p3.example.org;lr>'];
const invite = testRequest('INVITE', { sequence: 7, headers: [...ROUTES, 'Contact: <sip:alice@192.0.2.1>'] });
invite.headers.append('Via', 'SIP/2.0/UDP 198.51.100.1;branch=z9hG4bKfirst');

test('an ACK goes the way of its INVITE, with the To of the response (RFC 3261 §17.1.1.3)', () => {
  const ack = createAck(invite, answer(invite, 486, 'tag-of-bob'));
  expect([ack.method, ack.uri]).toEqual(['ACK', 'sip:bob@example.org']);
  expect([...ack.headers]).toEqual([
    ['Via', 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc'],
    ['Route', '<sip:p1.example.org;lr>, <sip:p2.example.org;lr>'],
    ['Route', '<sip:p3.example.org;lr>'],
    ['Max-Forwards', '70'],
    ['From', '<sip:alice@example.org>;tag=a'],
    ['To', '<sip:bob@example.org>;tag=tag-of-bob'],
    ['Call-ID', 'call'],
    ['CSeq', '7 ACK'],
  ]);
  expect(checkRequest(ack)).toBeUndefined();
});

test('a CANCEL has the To of the request (RFC 3261 §9.1)', () => {
  const cancel = createCancel(invite);
  expect(cancel.method).toBe('CANCEL');
  expect(cancel.headers.get('To')).toBe('<sip:bob@example.org>');
  expect(cancel.headers.get('CSeq')).toBe('7 CANCEL');
  expect(cancel.headers.getAll('Via')).toHaveLength(1);
  expect(cancel.headers.getAll('Route')).toHaveLength(2);
  expect(checkRequest(cancel)).toBeUndefined();
});
