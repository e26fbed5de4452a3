import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isToken } from './characters.ts';
import { createRequest } from './create.ts';
import { formatMessage } from './format.ts';
import { type Frame, MessageFramer } from './framer.ts';
import { registeredName } from './header-names.ts';
import { Headers } from './headers.ts';
import type { SipMessage } from './message.ts';
import { formatNameAddr, parseNameAddr } from './name-addr.ts';
import { parseMessage } from './parse.ts';
import { attempt, FRAGMENTS } from './testing/fragments.ts';
import { formatUri, parseUri } from './uri.ts';
import { bindingKey, uriEquals } from './uri-compare.ts';
import { formatVia, parseVias } from './via.ts';

const TOKEN = "-.!%*_+`'~019abzABZ".split('');
const token = fc.string({ unit: fc.constantFrom(...TOKEN), minLength: 1, maxLength: 20 });
// A value is one line, trimmed.
const value = fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) =>
  text
    .replace(/[\r\n]/g, '')
    .trim()
    .toWellFormed(),
);
const name = fc.oneof(
  token,
  fc.constantFrom('Via', 'v', 'FROM', 'call-id', 'CSeq', 'm', 'X-Other', 'www-authenticate'),
);
const lines = fc
  .array(fc.tuple(name, value), { maxLength: 30 })
  .map((all) => all.filter(([own]) => registeredName(own) !== 'Content-Length'));
const body = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const uri = fc.string({ unit: fc.constantFrom(...'sip:@%;?[].aZ09~大'), minLength: 1, maxLength: 30 });

const message: fc.Arbitrary<SipMessage> = fc.oneof(
  fc
    .record({ method: token.filter((text) => !/^sip\//i.test(text)), uri, headers: lines, body })
    .map(
      createRequest as (r: { method: string; uri: string; headers: [string, string][]; body: Buffer }) => SipMessage,
    ),
  fc.record({ status: fc.integer({ min: 100, max: 699 }), reason: value, headers: lines, body }).map(
    ({ status, reason, headers, body: bytes }): SipMessage => ({
      kind: 'response',
      status,
      reason,
      headers: new Headers(headers),
      body: bytes,
    }),
  ),
);

test('parse of format is the identity', () => {
  fc.assert(
    fc.property(message, (original) => {
      const bytes = formatMessage(original);
      const parsed = parseMessage(bytes, { stream: true });
      const { headers, ...rest } = parsed;
      const { headers: wanted, ...wantedRest } = original;
      expect(rest).toEqual(wantedRest);
      expect([...headers]).toEqual([...wanted, ['Content-Length', String(original.body.length)]]);
      expect(formatMessage(parsed)).toEqual(bytes);
    }),
    { numRuns: 400 },
  );
});

test('what a value means does not change when it is formatted and read again', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...FRAGMENTS), maxLength: 12 }), (text) => {
      const again = (parse: (input: string) => unknown, format: (parsed: never) => string) => {
        const first = attempt(() => format(parse(text) as never));
        if (first !== undefined) expect(format(parse(first) as never)).toBe(first);
      };
      again(parseUri, formatUri);
      again(bindingKey, String);
      again(parseNameAddr, formatNameAddr);
      again(parseVias, (vias: ReturnType<typeof parseVias>) => vias.map(formatVia).join(', '));
      attempt(() => expect(uriEquals(text, text)).toBe(true));
      attempt(() => expect(bindingKey(formatUri(parseUri(text)))).toBe(bindingKey(text)));
    }),
    { numRuns: 2000 },
  );
});

describe('a stream is framed alike wherever its chunks end', () => {
  const piece = fc.oneof(
    message.map((one) => formatMessage(one)),
    fc
      .constantFrom('\r\n', '\r\n\r\n', '\n', 'l: 3\r\n\r\n', 'X sip:a SIP/2.0\r\n\r\n')
      .map((text) => Buffer.from(text)),
  );
  test('any stream, any cuts', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
        (pieces, cuts) => {
          const stream = Buffer.concat(pieces);
          const framer = new MessageFramer({ messageBytes: 4096 });
          const frames: Frame[] = [];
          for (let at = 0, cut = 0; at < stream.length; cut++) {
            const next = at + cuts[cut % cuts.length]!;
            frames.push(...framer.push(stream.subarray(at, next)));
            at = next;
          }
          expect(frames).toEqual(new MessageFramer({ messageBytes: 4096 }).push(stream));
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('a name is a token exactly when it is read as a header field name', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 5 }), (text) => {
      fc.pre(!/[:\r\n]/.test(text) && !/[ \t]$/.test(text));
      const taken = attempt(() => parseMessage(Buffer.from(`A sip:a SIP/2.0\r\n${text}: 0\r\n\r\n`))) !== undefined;
      expect(taken).toBe(isToken(text));
    }),
  );
});
