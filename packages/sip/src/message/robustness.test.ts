import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { contactExpires, contactPriority } from './binding-parameters.ts';
import { checkRequest } from './check-request.ts';
import { checkResponse } from './check-response.ts';
import { createResponse } from './create.ts';
import { formatMessage } from './format.ts';
import { MessageFramer } from './framer.ts';
import type { SipMessage } from './message.ts';
import { parseNameAddr, parseNameAddrs } from './name-addr.ts';
import { parseMessage } from './parse.ts';
import { SipParseError } from './parse-error.ts';
import { path, routes, seconds, tokens } from './readers.ts';
import { splitList } from './split-list.ts';
import { stampReceived } from './stamp-received.ts';
import { attempt, FRAGMENTS } from './testing/fragments.ts';
import { parseUri } from './uri.ts';
import { bindingKey } from './uri-compare.ts';
import { nameAddrs, parameterized, parameterizedList, rack } from './values.ts';
import { parseVias } from './via.ts';

/** Everything that reads a message. */
function readAll(one: SipMessage): void {
  for (const of of ['Contact', 'Refer-To', 'Via', 'From', 'Event', 'Supported', 'Reason', 'CSeq', 'X']) {
    for (const line of one.headers.getAll(of)) {
      for (const parse of [parseNameAddrs, parseNameAddr, parseVias, splitList, parseUri, bindingKey])
        attempt(() => parse(line as never));
    }
    attempt(() => parameterized(one, of));
    attempt(() => parameterizedList(one, of));
    attempt(() => tokens(one, of));
    attempt(() => seconds(one, of));
  }
  attempt(() => rack(one));
  attempt(() => routes(one));
  attempt(() => path(one));
  for (const contact of attempt(() => nameAddrs(one, 'Contact')) ?? []) {
    contactExpires(contact);
    attempt(() => contactPriority(contact));
    attempt(() => bindingKey(contact.uri));
  }
  if (one.kind === 'response') {
    checkResponse(one);
    return;
  }
  checkRequest(one, { methods: ['INVITE'], require: [], proxyRequire: [], contentTypes: ['x/y'], forwarding: true });
  attempt(() => stampReceived(one, { address: '192.0.2.1', port: 5060 }));
  parseMessage(formatMessage(createResponse(one, 400, undefined, { toTag: 't' })));
}

function receive(bytes: Buffer): void {
  for (const stream of [false, true]) {
    try {
      readAll(parseMessage(bytes, { stream }));
    } catch (error) {
      if (!(error instanceof SipParseError)) throw error;
      if (error.partial) readAll(error.partial);
    }
  }
  const framer = new MessageFramer({ messageBytes: 5000 });
  for (const frame of framer.push(bytes)) if ('head' in frame) attempt(() => parseMessage(frame.head));
}

describe('nothing that comes throws anything but SipParseError', () => {
  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => receive(Buffer.from(bytes))),
      { numRuns: 500 },
    );
  });

  test('header fields made of the marks that parsers look for', () => {
    const fragment = fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 15 }).map((parts) => parts.join(''));
    const field = fc.tuple(
      fc.constantFrom(
        'Via',
        'From',
        'To',
        'Contact',
        'Route',
        'CSeq',
        'Event',
        'Reason',
        'Supported',
        'X',
        'RAck',
        'Expires',
      ),
      fragment,
    );
    fc.assert(
      fc.property(fragment, fc.array(field, { maxLength: 8 }), (target, fields) => {
        receive(
          Buffer.from(
            `INVITE ${target} SIP/2.0\r\n${fields.map(([of, text]) => `${of}: ${text}\r\n`).join('')}\r\nbody`,
          ),
        );
      }),
      { numRuns: 1500 },
    );
  });

  test('torture messages with bytes changed, taken out, put in and doubled', () => {
    const folder = new URL('../../testdata/torture/', import.meta.url);
    const originals = readdirSync(folder)
      .filter((file) => file.endsWith('.sip'))
      .map((file) => readFileSync(new URL(file, folder)));
    const change = fc.record({
      at: fc.nat(3000),
      take: fc.nat(6),
      put: fc.oneof(fc.constantFrom(...FRAGMENTS), fc.constant('\r\n'), fc.string()),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...originals),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        (original, changes) => {
          let bytes = original;
          for (const { at, take, put } of changes) {
            const start = at % (bytes.length + 1);
            bytes = Buffer.concat([bytes.subarray(0, start), Buffer.from(put), bytes.subarray(start + take)]);
          }
          receive(bytes);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
