import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMessage, parseMessage, SipParseError } from '../message/index.ts';
import { attempt, FRAGMENTS } from '../message/testing/fragments.ts';
import { cpimAddresses, cpimAddressHeader, cpimHeader, cpimText, formatCpim, parseCpim } from './cpim.ts';
import { forwardedRequest } from './forwarded-request.ts';
import { requestedNotifications } from './imdn.ts';

/** RFC 3862 §5.1, as far as its header fields go. */
const EXAMPLE = [
  'From: MR SANDERS <im:piglet@100akerwood.com>',
  'To: Depressed Donkey <im:eeyore@100akerwood.com>',
  'To: "Pooh \\"Bear\\"" <im:pooh@100akerwood.com>',
  'DateTime: 2000-12-13T13:40:00-08:00',
  'Subject: the weather will be fine today\\u0021',
  "Subject:;lang=fr beau temps prevu pour aujourd\\'hui",
  'NS: MyFeatures <mid:MessageFeatures@id.foo.com>',
  'Require: MyFeatures.VitalMessageOption',
  'MyFeatures.VitalMessageOption: Confirmation-requested',
  'MyFeatures.WackyMessageOption:;a="x; \\"y\\"";b=2 Use-silly-font',
  '',
  'Content-type: text/xml;',
  '  charset=utf-8',
  'Content-ID: <1234567890@foo.com>',
  '',
  '<body>\r\n\r\nHere is the text.</body>',
].join('\r\n');

describe('CPIM (RFC 3862)', () => {
  const message = parseCpim(Buffer.from(EXAMPLE));

  it('is read', () => {
    expect(cpimAddresses(message, 'From')).toEqual([{ displayName: 'MR SANDERS', uri: 'im:piglet@100akerwood.com' }]);
    expect(cpimAddresses(message, 'To').map(({ displayName }) => displayName)).toEqual([
      'Depressed Donkey',
      'Pooh "Bear"',
    ]);
    expect(cpimText(message, 'DateTime')).toBe('2000-12-13T13:40:00-08:00');
    expect(cpimText(message, 'Subject')).toBe('the weather will be fine today!');
    expect(cpimText(message, 'subject')).toBeUndefined();
    expect(message.headers[5]).toEqual({
      name: 'Subject',
      parameters: ';lang=fr',
      value: "beau temps prevu pour aujourd\\'hui",
    });
    expect(message.headers[9]?.parameters).toBe(';a="x; \\"y\\"";b=2');
    expect(message.contentHeaders).toEqual([
      ['Content-type', 'text/xml; charset=utf-8'],
      ['Content-ID', '<1234567890@foo.com>'],
    ]);
    expect(message.body.toString()).toBe('<body>\r\n\r\nHere is the text.</body>');
  });

  it('is written as it was read', () => {
    expect(parseCpim(formatCpim(message))).toEqual(message);
  });

  it('gives back any text and any bytes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.uint8Array(),
        (subject, name, body) => {
          const bytes = formatCpim({
            headers: [cpimAddressHeader('From', 'sip:a@b', name), cpimHeader('Subject', subject)],
            contentHeaders: [['Content-Type', 'text/plain']],
            body: Buffer.from(body),
          });
          const read = parseCpim(bytes);
          expect(cpimAddresses(read, 'From')).toEqual([{ displayName: name.toWellFormed(), uri: 'sip:a@b' }]);
          expect(cpimText(read, 'Subject')).toBe(subject.toWellFormed());
          expect(read.body).toEqual(Buffer.from(body));
        },
      ),
    );
  });

  it.each([
    ['no empty line', 'From: <im:a@b>\r\n'],
    ['no part', 'From: <im:a@b>\r\n\r\n'],
    ['a folded line', 'Subject: a\r\n b\r\n\r\n\r\n'],
    ['no name', ': a\r\n\r\n\r\n'],
    ['no space', 'Subject:a\r\n\r\n\r\n'],
    ['a name that is no token', 'Sub ject: a\r\n\r\n\r\n'],
    ['a content line without a colon', 'Subject: a\r\n\r\nContent-Type\r\n\r\n'],
    ['too many lines', `${'Subject: a\r\n'.repeat(65)}\r\n\r\n`],
    ['too long a line', `Subject: ${'a'.repeat(17_000)}\r\n\r\n\r\n`],
  ])('is refused with %s', (_, text) => {
    expect(() => parseCpim(Buffer.from(text))).toThrow(SipParseError);
  });

  it.each(['Subject: \\x', 'Subject: a\\', 'Subject: \\u12'])('is refused when %s is read', (line) => {
    expect(() => cpimText(parseCpim(Buffer.from(`${line}\r\n\r\n\r\n`)), 'Subject')).toThrow('400 Malformed CPIM');
  });

  it('throws nothing but SipParseError, whatever comes', () => {
    const piece = fc.constantFrom(...FRAGMENTS, 'From: ', 'NS: imdn <urn:ietf:params:imdn>', '\r\n', '\r\n\r\n', '\\');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const read = attempt(() => parseCpim(Buffer.from(pieces.join(''), 'latin1')));
        if (!read) return;
        for (const { name } of read.headers) {
          attempt(() => cpimText(read, name));
          attempt(() => cpimAddresses(read, name));
        }
        attempt(() => requestedNotifications(read));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('notifications (RFC 5438)', () => {
  const asking = (ns: string, name: string) =>
    parseCpim(
      Buffer.from(
        `From: <im:a@b>\r\nNS: ${ns}\r\n${name}: positive-delivery, Display;x=1\r\n\r\nContent-Type: text/plain\r\n\r\nhi`,
      ),
    );

  it('are asked for under whatever prefix the namespace has', () => {
    const wanted = ['positive-delivery', 'display'];
    expect(requestedNotifications(asking('imdn <urn:ietf:params:imdn>', 'imdn.Disposition-Notification'))).toEqual(
      wanted,
    );
    expect(requestedNotifications(asking('x <urn:ietf:params:imdn>', 'x.Disposition-Notification'))).toEqual(wanted);
    expect(requestedNotifications(asking('<urn:ietf:params:imdn>', 'Disposition-Notification'))).toEqual(wanted);
    expect(requestedNotifications(asking('imdn <urn:other>', 'imdn.Disposition-Notification'))).toEqual([]);
  });

  it.each([
    ['application/im-iscomposing+xml', '<isComposing><state>active</state></isComposing>'],
    ['message/imdn+xml', '<imdn><message-id>1</message-id></imdn>'],
    ['message/cpim', EXAMPLE],
    ['application/octet-stream', '\0\u00ff\r\n\r\n'],
  ])('and all other bodies are forwarded as they came: %s', (type, body) => {
    const head = `MESSAGE sip:b@b SIP/2.0\r\nMax-Forwards: 7\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
    const request = parseMessage(Buffer.from(head + body, 'latin1'));
    if (request.kind !== 'request') throw new Error('not a request');
    const sent = formatMessage(forwardedRequest(request)).toString('latin1');
    expect(sent.slice(sent.indexOf('\r\n\r\n') + 4)).toBe(body);
    expect(sent).toContain(`\r\nContent-Type: ${type}\r\n`);
  });
});
