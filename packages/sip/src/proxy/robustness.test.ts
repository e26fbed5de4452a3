import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatMessage, NO_BODY, type SipRequest } from '../message/index.ts';
import { attempt, FRAGMENTS } from '../message/testing/fragments.ts';
import { testRequest } from '../transaction/test-bed.ts';
import {
  Fork,
  forwardedRequest,
  isLoop,
  loopHash,
  nextHop,
  preferredIdentities,
  privacy,
  refusePrivacy,
  takeOwnRoutes,
} from './index.ts';

const text = fc.array(fc.constantFrom(...FRAGMENTS, '<sip:a;lr>', 'SIP/2.0/UDP a;branch=z9hG4bKx'), { maxLength: 12 });
const NAMES = [
  'Route',
  'Via',
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Max-Forwards',
  'Max-Breadth',
  'Privacy',
  'P-Preferred-Identity',
];

it('throws nothing but SipParseError, whatever a header field holds, and sends no line more than it got', () => {
  fc.assert(
    fc.property(fc.constantFrom(...NAMES), text, text, (name, value, uri) => {
      const received = testRequest('INVITE', { headers: ['Route: <sip:b;lr>'] });
      received.headers.setFirst(name, value.join(''));
      const request: SipRequest = { ...received, uri: uri.join('').replace(/\s/g, ''), body: NO_BODY };
      const lines = formatMessage(request).toString().split('\n').length;
      attempt(() => isLoop(request, loopHash(request, 'secret')));
      attempt(() => preferredIdentities(request));
      attempt(() => new Fork({ request, targets: [], respond: () => {} }).start());
      refusePrivacy(request);
      privacy(request);
      for (const own of [true, false]) {
        const forwarded = attempt(() => forwardedRequest(nextHop(takeOwnRoutes(request, () => own).request).request));
        if (forwarded) expect(formatMessage(forwarded).toString().split('\n').length).toBeLessThanOrEqual(lines + 2);
      }
    }),
    { numRuns: 3000 },
  );
});
