import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeTemporaryGruu, readTemporaryGruu } from '../gruu/index.ts';
import { isToken, parseUri, type SipUri } from '../message/index.ts';
import { makeDialogToken, makeFlowToken, readDialogToken, readFlowToken } from './index.ts';

const key = { id: 3, secret: randomBytes(32) };
const others = [
  { id: 3, secret: randomBytes(32) },
  { id: 4, secret: key.secret },
];

const id = fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 48 - 1 }));
const instanceHash = fc.oneof(fc.constant(''), fc.stringMatching(/^[1-9a-f][0-9a-f]{15}$/));

/** What a forger may try with a token. */
function forgeries(token: string): string[] {
  const texts = [
    '',
    'alice',
    token.slice(0, 4),
    `${token.slice(0, 4)}${'A'.repeat(5000)}`,
    token.slice(4),
    token.slice(0, -4),
    `${token}AAAA`,
  ];
  for (let at = 0; at < token.length - 1; at++) {
    texts.push(token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1));
  }
  return texts;
}

describe('dialog tokens', () => {
  const target = { accountId: 1, endpointId: 2, instanceHash: '00112233445566ff' };

  it('are read back by any front end that has the key, and differ each time', () => {
    fc.assert(
      fc.property(id, id, instanceHash, fc.string({ minLength: 1 }), (accountId, endpointId, instanceHash, callId) => {
        const target = { accountId, endpointId, instanceHash };
        const token = makeDialogToken({ ...target, callId }, key, randomBytes);
        expect(makeDialogToken({ ...target, callId }, key, randomBytes)).not.toBe(token);
        expect(readDialogToken(token, callId, [...others.slice(1), key])).toEqual(target);
        expect(readDialogToken(token, `${callId}x`, [key])).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  it('pass through a URI as they are', () => {
    const token = makeDialogToken({ ...target, callId: 'c' }, key, randomBytes);
    expect((parseUri(`sip:${token}@192.0.2.1;lr`) as SipUri).user).toBe(token);
    expect(isToken(token)).toBe(true);
  });

  it('are refused when forged, cut, of another key or of another kind', () => {
    const token = makeDialogToken({ ...target, callId: 'c' }, key, randomBytes);
    for (const text of forgeries(token)) expect(readDialogToken(text, 'c', [key])).toBeUndefined();
    expect(readDialogToken(token, 'c', others)).toBeUndefined();
    expect(readDialogToken(token, 'c', [])).toBeUndefined();
    const gruu = makeTemporaryGruu({ accountId: 1, endpointId: 2, incarnation: 3 }, key, randomBytes);
    expect(readDialogToken(gruu.replace('tgruu.', 'dlg.'), 'c', [key])).toBeUndefined();
    expect(readDialogToken(gruu.replace('tgruu.', 'dlg.'), '', [key])).toBeUndefined();
    expect(readTemporaryGruu(token.replace('dlg.', 'tgruu.'), [key])).toBeUndefined();
  });
});

describe('flow tokens', () => {
  const target = { frontEndId: 7, flow: 'tcp:192.0.2.1:5060', accountId: 1, endpointId: 2, instanceHash: '' };

  it('are read back by the front end that holds the flow, and stay the same', () => {
    fc.assert(
      fc.property(
        id,
        id,
        id,
        instanceHash,
        fc.stringMatching(/^[!-~]{1,255}$/),
        (frontEndId, accountId, endpointId, instanceHash, flow) => {
          const target = { frontEndId, flow, accountId, endpointId, instanceHash };
          const token = makeFlowToken(target, key);
          expect(makeFlowToken(target, key)).toBe(token);
          expect(readFlowToken(token, [...others.slice(1), key])).toEqual(target);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('pass through a URI as they are', () => {
    const token = makeFlowToken(target, key);
    expect((parseUri(`sip:${token}@192.0.2.1;lr`) as SipUri).user).toBe(token);
  });

  it('are refused when forged, cut, of another key or of another kind', () => {
    const token = makeFlowToken(target, key);
    for (const text of forgeries(token)) expect(readFlowToken(text, [key])).toBeUndefined();
    expect(readFlowToken(token, others)).toBeUndefined();
    const dialog = makeDialogToken({ ...target, callId: 'c' }, key, randomBytes);
    expect(readFlowToken(dialog.replace('dlg.', 'flw.'), [key])).toBeUndefined();
    expect(readDialogToken(token.replace('flw.', 'dlg.'), 'c', [key])).toBeUndefined();
  });

  it('are not made of the id of a flow that does not fit', () => {
    expect(() => makeFlowToken({ ...target, flow: 'x'.repeat(256) }, key)).toThrow(RangeError);
  });
});
