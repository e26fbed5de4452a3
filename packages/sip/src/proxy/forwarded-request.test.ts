import { describe, expect, it } from 'vitest';
import { createResponse, formatMessage, maxForwards, routes, vias } from '../message/index.ts';
import { testRequest } from '../transaction/test-bed.ts';
import { forwardedRequest, relayedResponse } from './forwarded-request.ts';

describe('a request that is forwarded (RFC 3261 §16.6)', () => {
  it('is the same but for what is named', () => {
    const request = testRequest('INVITE', {
      headers: [
        'X-Odd:  kept as it   is',
        'm: <sip:alice@192.0.2.1>',
        'Route: <sip:a;lr>',
        'P-Preferred-Identity: <sip:x@y>',
      ],
    });
    const before = formatMessage(request).toString();
    const forwarded = forwardedRequest(request, {
      uri: 'sip:bob@192.0.2.7',
      remove: ['Route', 'p-preferred-identity', 'Not-There'],
      set: [['P-Asserted-Identity', '<sip:alice@example.org>']],
      prepend: [
        ['Route', '<sip:b;lr>'],
        ['Record-Route', '<sip:c;lr>'],
      ],
    });
    expect(formatMessage(forwarded).toString().split('\r\n')).toEqual([
      'INVITE sip:bob@192.0.2.7 SIP/2.0',
      'Route: <sip:b;lr>',
      'Record-Route: <sip:c;lr>',
      'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKabc',
      'Max-Forwards: 69',
      'From: <sip:alice@example.org>;tag=a',
      'To: <sip:bob@example.org>',
      'Call-ID: call',
      'CSeq: 1 INVITE',
      'X-Odd: kept as it   is',
      'Contact: <sip:alice@192.0.2.1>',
      'P-Asserted-Identity: <sip:alice@example.org>',
      'Content-Length: 0',
      '',
      '',
    ]);
    expect(formatMessage(request).toString()).toBe(before);
  });

  it('has one hop less, 70 when it had no limit, never less than none', () => {
    const request = testRequest('MESSAGE');
    for (const [had, has] of [
      ['70', 69],
      ['1', 0],
      ['0', 0],
      ['300', 70],
    ] as const) {
      request.headers.set('Max-Forwards', had);
      expect(maxForwards(forwardedRequest(request))).toBe(has);
    }
    request.headers.remove('Max-Forwards');
    expect(maxForwards(forwardedRequest(request))).toBe(70);
    expect(maxForwards(forwardedRequest(request, { maxForwards: 9 }))).toBe(9);
  });

  it('shares nothing that is changed on either side', () => {
    const request = testRequest('INVITE', { headers: ['Route: <sip:a;lr>'] });
    expect(routes(request)).toHaveLength(1);
    const forwarded = forwardedRequest(request);
    forwarded.headers.setFirst('Route', '<sip:b;lr>').prepend('Via', 'SIP/2.0/UDP b;branch=z9hG4bKb');
    request.headers.remove('Via');
    expect(routes(request)[0]!.uri).toBe('sip:a;lr');
    expect(routes(forwarded)[0]!.uri).toBe('sip:b;lr');
    expect(vias(forwarded).map(({ host }) => host)).toEqual(['b', '192.0.2.1']);
  });
});

describe('a response that is relayed (RFC 3261 §16.7 step 3)', () => {
  it.each([
    [['SIP/2.0/UDP a;branch=1', 'SIP/2.0/UDP b;branch=2'], ['SIP/2.0/UDP b;branch=2']],
    [['SIP/2.0/UDP a;branch=1 ,  SIP/2.0/UDP b;branch=2'], ['SIP/2.0/UDP b;branch=2']],
    [
      ['SIP/2.0/UDP a;x="1,\\",2";branch=1,SIP/2.0/UDP b, SIP/2.0/UDP c', 'SIP/2.0/UDP d'],
      ['SIP/2.0/UDP b, SIP/2.0/UDP c', 'SIP/2.0/UDP d'],
    ],
    [['SIP/2.0/UDP a'], []],
  ])('loses the first value of %j', (had, has) => {
    const request = testRequest('INVITE');
    request.headers.remove('Via');
    for (const line of had.toReversed()) request.headers.prepend('Via', line);
    const response = createResponse(request, 180);
    expect(vias(response).length).toBeGreaterThan(0);
    const relayed = relayedResponse(response);
    expect(relayed.headers.getAll('Via')).toEqual(has);
    expect(vias(relayed)).toHaveLength(vias(response).length - 1);
    expect(response.headers.getAll('Via')).toEqual(had);
  });
});
