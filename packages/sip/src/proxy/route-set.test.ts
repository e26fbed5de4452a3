import { describe, expect, it } from 'vitest';
import { formatUri, type SipRequest, type SipUri } from '../message/index.ts';
import { testRequest } from '../transaction/test-bed.ts';
import { nextHop, takeOwnRoutes } from './route-set.ts';

const isOwn = (uri: SipUri) => uri.host === 'pool.example.org';

function request(uri: string, ...lines: string[]): SipRequest {
  return { ...testRequest('BYE', { headers: lines.map((line) => `Route: ${line}`) }), uri };
}

const CASES: [why: string, uri: string, routes: string[], taken: string[], uriAfter: string, routesAfter: string[]][] =
  [
    ['no Route', 'sip:bob@b', [], [], 'sip:bob@b', []],
    ['a Route of another', 'sip:bob@b', ['<sip:p1;lr>'], [], 'sip:bob@b', ['<sip:p1;lr>']],
    ['our value', 'sip:bob@b', ['<sip:1@pool.example.org;lr>'], ['sip:1@pool.example.org;lr'], 'sip:bob@b', []],
    [
      'two of ours in two lines',
      'sip:bob@b',
      ['<sip:1@pool.example.org;lr>', '<sip:2@pool.example.org;lr>'],
      ['sip:1@pool.example.org;lr', 'sip:2@pool.example.org;lr'],
      'sip:bob@b',
      [],
    ],
    [
      'two of ours in one line, before others',
      'sip:bob@b',
      ['<sip:1@pool.example.org;lr>, "x, y" <sip:2@pool.example.org;lr>, <sip:p1;lr>', '<sip:p2;lr>'],
      ['sip:1@pool.example.org;lr', 'sip:2@pool.example.org;lr'],
      'sip:bob@b',
      ['<sip:p1;lr>', '<sip:p2;lr>'],
    ],
    [
      'ours below another',
      'sip:bob@b',
      ['<sip:p1;lr>', '<sip:1@pool.example.org;lr>'],
      [],
      'sip:bob@b',
      ['<sip:p1;lr>', '<sip:1@pool.example.org;lr>'],
    ],
    [
      'ours in the Request-URI, put there by a strict router',
      'sip:1@pool.example.org;lr',
      ['<sip:p1;lr>, <sip:bob@b>'],
      ['sip:1@pool.example.org;lr'],
      'sip:bob@b',
      ['<sip:p1;lr>'],
    ],
    [
      'two of ours, through a strict router',
      'sip:1@pool.example.org;lr',
      ['<sip:2@pool.example.org;lr>', '<sip:bob@b;x=1>'],
      ['sip:1@pool.example.org;lr', 'sip:2@pool.example.org;lr'],
      'sip:bob@b;x=1',
      [],
    ],
    [
      'an address of ours as the target',
      'sip:bob@pool.example.org',
      ['<sip:1@pool.example.org;lr>'],
      ['sip:1@pool.example.org;lr'],
      'sip:bob@pool.example.org',
      [],
    ],
    ['a Request-URI of ours and no Route', 'sip:1@pool.example.org;lr', [], [], 'sip:1@pool.example.org;lr', []],
    [
      'ours with a maddr',
      'sip:b@b',
      ['<sip:pool.example.org;maddr=192.0.2.1;lr>'],
      ['sip:pool.example.org;maddr=192.0.2.1;lr'],
      'sip:b@b',
      [],
    ],
    ['a Route that is no SIP URI', 'sip:bob@b', ['<tel:1>'], [], 'sip:bob@b', ['<tel:1>']],
  ];

describe('taking our own Route values off (RFC 3261 §16.4)', () => {
  it.each(CASES)('%s', (_, uri, lines, taken, uriAfter, routesAfter) => {
    const before = request(uri, ...lines);
    const after = takeOwnRoutes(before, isOwn);
    expect(after.taken.map(formatUri)).toEqual(taken);
    expect(after.request.uri).toBe(uriAfter);
    expect(after.request.headers.getAll('Route')).toEqual(routesAfter);
    expect(before.headers.getAll('Route')).toEqual(lines);
    if (taken.length === 0) expect(after.request).toBe(before);
  });

  it('refuses a Route that cannot be read', () => {
    expect(() => takeOwnRoutes(request('sip:b@b', '<sip:a@>'), isOwn)).toThrow('400 Malformed URI');
  });
});

describe('the next hop (RFC 3261 §16.6 steps 6 and 7)', () => {
  it('is the Request-URI without a Route', () => {
    const before = request('sip:bob@b');
    const { request: after, uri } = nextHop(before);
    expect(formatUri(uri as SipUri)).toBe('sip:bob@b');
    expect(after).toBe(before);
  });

  it('is the top Route when that is a loose router', () => {
    const before = request('sip:bob@b', '<sip:p1;lr=on>, <sip:p2>');
    const { request: after, uri } = nextHop(before);
    expect(formatUri(uri as SipUri)).toBe('sip:p1;lr=on');
    expect(after).toBe(before);
  });

  it('takes the place of the Request-URI when it is a strict router, which finds the target last', () => {
    const { request: after, uri } = nextHop(request('sip:bob@b;x=1', '<sip:p1;transport=tcp>, <sip:p2;lr>'));
    expect(formatUri(uri as SipUri)).toBe('sip:p1;transport=tcp');
    expect(after.uri).toBe('sip:p1;transport=tcp');
    expect(after.headers.getAll('Route')).toEqual(['<sip:p2;lr>', '<sip:bob@b;x=1>']);
  });
});
