import { describe, expect, test } from 'vitest';
import { checkRequest } from './check-request.ts';
import { createRequest, createResponse } from './create.ts';
import { formatMessage } from './format.ts';
import { MessageFramer } from './framer.ts';
import { parseNameAddr, parseNameAddrs } from './name-addr.ts';
import { parseMessage } from './parse.ts';
import { SipParseError } from './parse-error.ts';
import { splitList } from './split-list.ts';
import { formatUri, parseUri } from './uri.ts';
import { bindingKey } from './uri-compare.ts';
import { parseParameterized } from './values.ts';
import { parseVias } from './via.ts';

const SMALL = 4096;
const LARGE = 16 * SMALL;
/** Sixteen times the input may take this many times as long: a quadratic parser takes 256 times. */
const FACTOR = 96;
/** Quadratic work on 64 KB takes far longer than this. */
const ENOUGH_MS = 5;

/** Milliseconds of the fastest of several runs; stops as soon as one is `enough`. */
function fastest(run: () => void, enough: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 9 && best > enough; i++) {
    const start = performance.now();
    try {
      run();
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
    }
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

function expectLinear(run: (size: number) => () => void, what: unknown): void {
  const large = fastest(run(LARGE), ENOUGH_MS);
  if (large > ENOUGH_MS) expect(large, JSON.stringify(what)).toBeLessThan(FACTOR * fastest(run(SMALL), 0));
}

const UNITS = [
  ',',
  ';',
  '"',
  '<',
  '>',
  '\\',
  ' ',
  '\t',
  '%',
  '%41',
  '@',
  ':',
  '?',
  '&',
  '=',
  '[',
  'a',
  'a ',
  '"a" ',
  '\\"',
  '<a>',
  '<sip:a@b',
  '<sip:a@b>,',
  ';a',
  ';a=b',
  ';a=""',
  'sip:',
  '(',
  '.',
  'SIP/2.0/UDP a,',
  'SIP / ',
  '*',
  '\r',
  '大',
];
const STARTS = [
  '',
  '"',
  '<',
  '<sip:',
  'sip:',
  'sip:a@b',
  '<sip:a@b>',
  'SIP/2.0/UDP a',
  'SIP/2.0/UDP [',
  '"a" <sip:a@b>;x=',
];
const READERS: Record<string, (text: string) => unknown> = {
  parseNameAddrs,
  parseNameAddr,
  parseVias,
  splitList: (text) => splitList(text),
  parseParameterized,
  uri: (text) => formatUri(parseUri(text)),
  bindingKey,
  response: (text) =>
    formatMessage(
      createResponse(createRequest({ method: 'A', uri: 'sip:a', headers: [['To', text]] }), 200, 'OK', { toTag: 'x' }),
    ),
};

describe('readers take linear time', () => {
  for (const [name, read] of Object.entries(READERS)) {
    test(name, () => {
      for (const start of STARTS) {
        for (const unit of UNITS) {
          expectLinear(
            (size) => {
              const text = start + unit.repeat(size / unit.length);
              return () => read(text);
            },
            [start, unit],
          );
        }
      }
    });
  }
});

describe('messages take linear time', () => {
  const LINES = [
    'X: y\r\n',
    'Subject:\r\n',
    ' folded\r\n',
    ' \r\n',
    '\t\n',
    ':',
    'X',
    '\r',
    '\n',
    '\r\n',
    '\r\r\n',
    'Via: SIP/2.0/UDP a;x="\r\n',
    'To: "\\\r\n',
    'l: 0\r\n',
    'l',
    'Contact: <sip:a@b>,<\r\n',
    '\u0000',
    '大: \r\n',
  ];
  const STARTLINES = ['', 'A sip:a SIP/2.0\r\n', 'A sip:a SIP/2.0\r\nSubject: x\r\n', 'SIP/2.0 200 ', 'A '];

  test('parsed and checked', () => {
    for (const start of STARTLINES) {
      for (const line of LINES) {
        for (const end of ['', '\r\n\r\n']) {
          expectLinear(
            (size) => {
              const bytes = Buffer.from(start + line.repeat(size / line.length) + end);
              return () => {
                const message = parseMessage(bytes);
                if (message.kind === 'request') checkRequest(message);
              };
            },
            [start, line, end],
          );
        }
      }
    }
  });

  test('framed in chunks of seven bytes', () => {
    for (const start of STARTLINES) {
      for (const line of LINES) {
        expectLinear(
          (size) => {
            const bytes = Buffer.from(start + line.repeat(size / line.length));
            return () => {
              const framer = new MessageFramer({ messageBytes: 2 * LARGE });
              for (let at = 0; at < bytes.length; at += 7) framer.push(bytes.subarray(at, at + 7));
            };
          },
          [start, line],
        );
      }
    }
  }, 60_000);
});
