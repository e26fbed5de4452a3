import { describe, expect, it } from 'vitest';
import type { SipRequest } from '../message/index.ts';
import { startLayer, TestFlow, testRequest, testUser } from '../transaction/test-bed.ts';
import { forwardedRequest } from './forwarded-request.ts';
import { isLoop, loopHash } from './loop.ts';

const SECRET = 'of the pool';

/** Forwards it as a proxy does, and gives what arrives at the next hop. */
function forward(request: SipRequest, uri?: string): SipRequest {
  const { layer } = startLayer();
  const flow = new TestFlow('TCP');
  const options = uri === undefined ? {} : { uri };
  layer.request(forwardedRequest(request, options), flow, testUser(), { mark: loopHash(request, SECRET) });
  layer.close();
  return flow.sent[0] as SipRequest;
}

describe('loops (RFC 3261 §16.3 step 4, RFC 5393 §4.2)', () => {
  it('are seen when a request comes back as it was, directly or by way of others', () => {
    const request = testRequest('INVITE');
    const back = forward(request);
    expect(isLoop(request, loopHash(request, SECRET))).toBe(false);
    expect(isLoop(back, loopHash(back, SECRET))).toBe(true);
    back.headers.prepend('Via', 'SIP/2.0/TCP other.example.net;branch=z9hG4bKother');
    back.headers.set('Max-Forwards', '3');
    expect(isLoop(back, loopHash(back, SECRET))).toBe(true);
  });

  it('are none when it comes back for another target: that is a spiral', () => {
    const back = forward(testRequest('INVITE'), 'sip:carol@example.org');
    expect(isLoop(back, loopHash(back, SECRET))).toBe(false);
    const again = forward(back, 'sip:bob@example.org');
    expect(isLoop(again, loopHash(again, SECRET))).toBe(true);
  });

  it.each([
    ['Route', '<sip:p1;lr>'],
    ['Proxy-Require', 'x'],
    ['Call-ID', 'other'],
    ['CSeq', '2 INVITE'],
    ['From', '<sip:alice@example.org>;tag=other'],
    ['To', '<sip:bob@example.org>;tag=other'],
  ])('are told apart by %s', (name, value) => {
    const back = forward(testRequest('INVITE'));
    back.headers.set(name, value);
    expect(isLoop(back, loopHash(back, SECRET))).toBe(false);
  });

  it('have one mark for an INVITE and its CANCEL, another with another secret', () => {
    const hash = loopHash(testRequest('INVITE'), SECRET);
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(loopHash(testRequest('CANCEL'), SECRET)).toBe(hash);
    expect(loopHash(testRequest('INVITE'), 'of another pool')).not.toBe(hash);
  });

  it('are marked behind what makes a branch unique', () => {
    const request = testRequest('INVITE');
    const [one, two] = [forward(request), forward(request)].map(({ headers }) => headers.get('Via')!);
    expect(one).not.toBe(two);
    expect(one).toMatch(new RegExp(`branch=z9hG4bK[0-9a-f]{24}\\.${loopHash(request, SECRET)}$`));
  });
});
