import { createRequest } from '@rollcall/sip';
import { describe, expect, it } from 'vitest';
import { type RequestedBindings, requestedBindings } from './bindings.ts';

const bounds = { minExpires: 60, maxExpires: 3600, defaultExpires: 600 };

function read(...headers: [string, string][]): RequestedBindings {
  const request = createRequest({
    method: 'REGISTER',
    uri: 'sip:example.org',
    headers: [
      ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1'],
      ['From', '<sip:a@example.org>;tag=1'],
      ['To', '<sip:a@example.org>'],
      ['Call-ID', 'c'],
      ['CSeq', '1 REGISTER'],
      ...headers,
    ],
  });
  return requestedBindings(request, bounds, 'UDP');
}

function changes(...headers: [string, string][]) {
  const requested = read(...headers);
  if (requested.kind === 'refused') throw new Error(`refused with ${requested.response.status}`);
  return requested.changes;
}

function refusal(...headers: [string, string][]) {
  const requested = read(...headers);
  return requested.kind === 'refused' ? requested.response.status : undefined;
}

const flow = '<sip:a@192.0.2.1>;+sip.instance="<urn:uuid:1>";reg-id=1';

describe('the bindings that a REGISTER asks for', () => {
  it('takes the expiry of the contact, then of the request, then the default, and no more than the most', () => {
    expect(changes(['Contact', '<sip:a@192.0.2.1>;expires=100'], ['Expires', '200'])[0]!.expires).toBe(100);
    expect(changes(['Contact', '<sip:a@192.0.2.1>'], ['Expires', '200'])[0]!.expires).toBe(200);
    expect(changes(['Contact', '<sip:a@192.0.2.1>'])[0]!.expires).toBe(600);
    expect(changes(['Contact', '<sip:a@192.0.2.1>;expires=86400'])[0]!.expires).toBe(3600);
    // RFC 3261 §10.2.1.1: malformed counts as an hour.
    expect(changes(['Contact', '<sip:a@192.0.2.1>;expires=soon'])[0]!.expires).toBe(3600);
    expect(changes(['Contact', '<sip:a@192.0.2.1>;expires=0'])[0]!.expires).toBe(0);
  });

  it('refuses what is too brief with 423, whichever of the contacts it is', () => {
    expect(refusal(['Contact', '<sip:a@192.0.2.1>;expires=59'])).toBe(423);
    expect(refusal(['Contact', '<sip:a@192.0.2.1>;expires=60'])).toBeUndefined();
    expect(refusal(['Contact', '<sip:a@192.0.2.1>, <sip:a@192.0.2.2>;expires=1'])).toBe(423);
  });

  it('takes * with Expires 0 alone', () => {
    expect(read(['Contact', '*'], ['Expires', '0'])).toMatchObject({ removeAll: true, changes: [] });
    expect(refusal(['Contact', '*'])).toBe(400);
    expect(refusal(['Contact', '*'], ['Expires', '1'])).toBe(400);
  });

  it('is a query without Contact', () => {
    expect(read()).toEqual({ kind: 'bindings', removeAll: false, changes: [], outbound: false });
  });

  it('keeps what the answer repeats, and takes out what the registrar writes itself', () => {
    const [change] = changes(['Contact', '"A" <sip:a@192.0.2.1;ob>;q=0.5;expires=99;methods="INVITE";audio']);
    expect(change).toMatchObject({ q: 500, uri: 'sip:a@192.0.2.1;ob', parameters: ';methods="INVITE";audio' });
  });

  it('counts a reg-id only for clients that support outbound, and only one', () => {
    expect(changes(['Contact', flow])[0]).not.toHaveProperty('regId');
    expect(changes(['Contact', flow], ['Supported', 'path, outbound'])[0]).toMatchObject({
      instance: '<urn:uuid:1>',
      regId: 1,
    });
    expect(refusal(['Contact', `${flow}, ${flow.replace('reg-id=1', 'reg-id=2')}`], ['Supported', 'outbound'])).toBe(
      400,
    );
  });

  it('wants a proxy before us to keep the flow', () => {
    const proxied: [string, string][] = [
      ['Via', 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK2'],
      ['Contact', flow],
      ['Supported', 'outbound, path'],
    ];
    expect(refusal(...proxied)).toBe(439);
    expect(refusal(...proxied, ['Path', '<sip:edge.example.org;lr>'])).toBe(439);
    expect(refusal(...proxied, ['Path', '<sip:edge.example.org;lr;ob>'])).toBeUndefined();
  });
});
