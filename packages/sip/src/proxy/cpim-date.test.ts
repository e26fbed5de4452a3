import { describe, expect, it } from 'vitest';
import { parseCpim } from './cpim.ts';
import { withDateTime } from './cpim-date.ts';

const SENT = new Date('2026-11-22T13:40:00Z');
const dated = (text: string) => withDateTime(Buffer.from(text), SENT).toString();

describe('a CPIM message without a date', () => {
  const rest = '\r\nContent-Type: text/plain\r\n\r\nHellö\r\n\r\nSubject: no header field';
  it('has it after its own header fields, and is the same else', () => {
    const headers = 'From: <im:alice@example.org>\r\nSubject:;lang=de Grüße\r\n';
    expect(dated(headers + rest)).toBe(`${headers}DateTime: 2026-11-22T13:40:00Z\r\n${rest}`);
    expect(parseCpim(Buffer.from(dated(headers + rest))).body.toString()).toBe('Hellö\r\n\r\nSubject: no header field');
  });

  it('has it also where it has no other, and where its lines end with LF alone', () => {
    expect(dated(rest)).toBe(`DateTime: 2026-11-22T13:40:00Z\r\n${rest}`);
    expect(dated('From: <im:a@b>\n\n\nhello')).toBe('From: <im:a@b>\nDateTime: 2026-11-22T13:40:00Z\r\n\n\nhello');
  });
});

it.each([
  ['has one', 'DateTime: 2001-01-01T00:00:00Z\r\n\r\n\r\nhello'],
  [
    'has one by another name',
    'NS: c <urn:ietf:params:cpim-headers:>\r\nc.DateTime: 2001-01-01T00:00:00Z\r\n\r\n\r\nhello',
  ],
  ['has names that mean something else', 'NS: <urn:example>\r\n\r\n\r\nhello'],
])('a CPIM message that %s stays as it is', (_what, text) => {
  expect(dated(text)).toBe(text);
});

it('what is no CPIM is refused', () => {
  expect(() => dated('hello')).toThrow('Malformed CPIM');
});
