import { randomBytes } from 'node:crypto';
import type { RoutedEndpoint } from '@rollcall/back-end';
import { makeDialogToken, parseMessage, type SipResponse } from '@rollcall/sip';
import { expect, test } from 'vitest';
import type { FrontEnd } from './context.ts';
import { learning } from './learn-side.ts';
import { RecentSides } from './recent-sides.ts';

const key = { id: 1, secret: randomBytes(32) };
const callId = 'call@phone';
const endpoint = { id: 22, uri: 'sip:bob@192.0.2.2' } as RoutedEndpoint;
const bob = { accountId: 2, endpointId: 22, instanceHash: '' };
const alice = { accountId: 1, endpointId: 11, instanceHash: '' };
const tokenOf = (name: typeof bob, id = callId) => makeDialogToken({ ...name, callId: id }, key, randomBytes);

/** Answers with these tokens, topmost first, and says which of them are known then. */
function known(status: number, tokens: readonly string[]): boolean[] {
  const frontEnd = { keys: { gruu: [key] }, recentSides: new RecentSides() };
  const told: number[] = [];
  const user = { response: ({ status }: SipResponse) => told.push(status), timeout() {}, transportError() {} };
  const lines = tokens.map((token) => `Record-Route: <sip:${token}@pool.test:5060;transport=tcp;lr>\r\n`).join('');
  const text = `SIP/2.0 ${status} Any\r\nVia: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bKa\r\n${lines}Call-ID: ${callId}\r\n\r\n`;
  learning(frontEnd as unknown as FrontEnd, user, bob.accountId, endpoint).response(
    parseMessage(Buffer.from(text)) as SipResponse,
  );
  expect(told).toEqual([status]);
  return tokens.map((token) => frontEnd.recentSides.get(token, callId)?.endpoint === endpoint);
}

test('the token of the side that has answered is known, the others are not', () => {
  expect(known(200, [tokenOf(bob), tokenOf(alice)])).toEqual([true, false]);
});

test('before it has answered, nothing is known of it', () => {
  expect([known(180, [tokenOf(bob)]), known(486, [tokenOf(bob)])]).toEqual([[false], [false]]);
});

test('an endpoint that writes another token there is not taken for somebody else', () => {
  for (const token of [tokenOf(alice), tokenOf({ ...bob, endpointId: 23 }), tokenOf(bob, 'another'), 'dlg.AAAA'])
    expect(known(200, [token, tokenOf(bob)])).toEqual([false, false]);
});
