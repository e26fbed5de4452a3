import { describe, expect, test } from 'vitest';
import { parseMessage, type SipRequest, type SipResponse } from '../message/index.ts';
import { clientKey, serverKey, untaggedInviteKey } from './matching.ts';
import { answer, type RequestOptions, TestFlow, testRequest } from './test-bed.ts';

const flow = new TestFlow();
const key = (method: string, options?: RequestOptions, on = flow, as?: string) =>
  serverKey(testRequest(method, options), on, as);

describe('RFC 3261 §17.2.3: one transaction', () => {
  test('the same branch, sent-by, CSeq and method', () => {
    expect(key('REGISTER', { headers: ['Authorization: Digest x'] })).toBe(key('REGISTER'));
  });

  test('an ACK and a CANCEL find their INVITE', () => {
    expect(key('ACK', {}, flow, 'INVITE')).toBe(key('INVITE'));
    expect(key('CANCEL', {}, flow, 'INVITE')).toBe(key('INVITE'));
  });

  test.each<[string, RequestOptions]>([
    ['branch', { branch: 'z9hG4bKabd' }],
    ['sent-by host', { sentBy: '192.0.2.2:5060' }],
    ['sent-by port', { sentBy: '192.0.2.1:5062' }],
    ['CSeq', { sequence: 2 }],
  ])('another %s is another', (_, options) => {
    expect(key('REGISTER', options)).not.toBe(key('REGISTER'));
  });

  test('another method, and another flow, are another', () => {
    expect(key('OPTIONS')).not.toBe(key('REGISTER'));
    expect(key('REGISTER', {}, new TestFlow('UDP', 'elsewhere'))).not.toBe(key('REGISTER'));
  });
});

describe('RFC 2543 matching, without the magic cookie', () => {
  const old = (method: string, options: RequestOptions = {}, as?: string) =>
    key(method, { branch: undefined, ...options }, flow, as);

  test.each([[undefined], ['1'], ['z9hg4bKabc'], ['z9hG4bK']])('branch %s: the dialog fields count', (branch) => {
    const one = key('INVITE', { branch });
    expect(one).toBe(key('INVITE', { branch }));
    expect(one).not.toBe(key('INVITE', { branch, sequence: 2 }));
    expect(one).not.toBe(key('INVITE', { branch, toTag: 'b' }));
    expect(one).not.toBe(key('INVITE', { branch, sentBy: '192.0.2.2' }));
    expect(one).not.toBe(key('BYE', { branch }));
  });

  test('another Request-URI, From tag or Call-ID is another', () => {
    const request = testRequest('INVITE', { branch: undefined });
    const changed = (from: string, to: string) => {
      const text = `INVITE ${request.uri} SIP/2.0\r\n${request.headers.toText()}\r\n`.replace(from, to);
      return serverKey(parseMessage(Buffer.from(text)) as SipRequest, flow);
    };
    const keys = [changed('', ''), changed('sip:bob', 'sip:eve'), changed('tag=a', 'tag=c'), changed('call', 'gall')];
    expect(new Set(keys).size).toBe(4);
  });

  test('an ACK, which has our To tag, leads to the INVITE, which had none', () => {
    const ack = testRequest('ACK', { branch: undefined, toTag: 'b' });
    expect(untaggedInviteKey(ack, flow)).toBe(old('INVITE'));
    expect(serverKey(ack, flow, 'INVITE')).not.toBe(old('INVITE'));
    expect(untaggedInviteKey(testRequest('ACK', { toTag: 'b' }), flow)).toBeUndefined();
  });
});

describe('RFC 3261 §17.1.3', () => {
  test('branch and CSeq method of a response', () => {
    expect(clientKey(answer(testRequest('INVITE'), 200))).toEqual({ branch: 'z9hG4bKabc', method: 'INVITE' });
    expect(clientKey(answer(testRequest('CANCEL'), 200))).toEqual({ branch: 'z9hG4bKabc', method: 'CANCEL' });
  });
});

test('messages without readable Via or CSeq have no key', () => {
  const request = testRequest('INVITE');
  request.headers.set('CSeq', 'x');
  expect(serverKey(request, flow)).toBeUndefined();
  const response: SipResponse = answer(testRequest('INVITE'), 200);
  response.headers.remove('Via');
  expect(clientKey(response)).toBeUndefined();
});
