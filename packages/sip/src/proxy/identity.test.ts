import { describe, expect, it } from 'vitest';
import { testRequest } from '../transaction/test-bed.ts';
import { assertedIdentity, preferredIdentities, privacy, refusePrivacy } from './identity.ts';

describe('who sends (RFC 3325)', () => {
  it('is asserted with its name, quoted', () => {
    const line = ['P-Asserted-Identity', '"Alice \\"A\\"" <sip:alice@example.org>'];
    expect(assertedIdentity({ displayName: 'Alice "A"', uri: 'sip:alice@example.org' })).toEqual(line);
    expect(assertedIdentity({ uri: 'sip:alice@example.org' })[1]).toBe('<sip:alice@example.org>');
  });

  it.each(['id', 'ID', 'header; id ;critical', 'header,id'])(
    'asks to be kept from endpoints with Privacy: %s',
    (value) => {
      const request = testRequest('INVITE', { headers: [`Privacy: ${value}`] });
      expect(privacy(request).has('id')).toBe(true);
    },
  );

  it('is what it prefers to be known as', () => {
    const request = testRequest('INVITE', { headers: ['P-Preferred-Identity: "A" <sip:a@b>, <tel:+1>'] });
    expect(preferredIdentities(request).map(({ uri }) => uri)).toEqual(['sip:a@b', 'tel:+1']);
    expect(preferredIdentities(testRequest('INVITE'))).toEqual([]);
  });
});

describe('privacy (RFC 3323)', () => {
  it('is read from all lines', () => {
    const request = testRequest('INVITE', { headers: ['Privacy: id;;Header', 'Privacy: critical'] });
    expect([...privacy(request)]).toEqual(['id', 'header', 'critical']);
  });

  it.each([
    ['id;critical', undefined],
    ['none;critical', undefined],
    ['header', undefined],
    ['header;critical', 500],
    ['session;id;critical', 500],
    ['later-invented;critical', 500],
  ])('%s is answered with %s', (value, status) => {
    expect(refusePrivacy(testRequest('INVITE', { headers: [`Privacy: ${value}`] }))?.status).toBe(status);
  });
});
