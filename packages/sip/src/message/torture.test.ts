import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkRequest, type Refusal, type RequestPolicy } from './check-request.ts';
import { checkResponse } from './check-response.ts';
import { createResponse } from './create.ts';
import { formatMessage } from './format.ts';
import { MessageFramer } from './framer.ts';
import type { SipMessage } from './message.ts';
import { formatNameAddr, type NameAddr } from './name-addr.ts';
import { parseMessage } from './parse.ts';
import { SipParseError } from './parse-error.ts';
import { callId, contacts, cseq, expires, from, maxForwards, routes, to, tokens, topVia, vias } from './readers.ts';
import { parseUri, type SipUri } from './uri.ts';
import { bindingKey } from './uri-compare.ts';
import { formatVia } from './via.ts';

type Verdict = 'accept' | 'drop' | Refusal;

interface TortureCase {
  section: string;
  title: string;
  sha256: string;
  verdict: Verdict;
  because: string;
  policies?: { policy: RequestPolicy; verdict: Verdict }[];
  reads?: Record<string, unknown>;
}

for (const [rfc, folder] of [
  ['RFC 4475', new URL('../../testdata/torture/', import.meta.url)],
  ['RFC 5118', new URL('../../testdata/torture-ipv6/', import.meta.url)],
] as const) {
  describe(rfc, () => {
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
      const expected = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as TortureCase;
      const bytes = readFileSync(new URL(file.replace('.json', '.sip'), folder));
      test(`§${expected.section} ${file.slice(0, -5)}: ${expected.title}`, () => runCase(expected, bytes));
    }
  });
}

test('all 49 messages of RFC 4475 and all 12 of RFC 5118 are here', () => {
  const count = (folder: string) =>
    readdirSync(new URL(`../../testdata/${folder}/`, import.meta.url)).filter((name) => name.endsWith('.sip')).length;
  expect([count('torture'), count('torture-ipv6')]).toEqual([49, 12]);
});

function runCase(expected: TortureCase, bytes: Buffer): void {
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(expected.sha256);
  const { verdict, message } = receive(bytes);
  expect(verdict, expected.because).toEqual(expected.verdict);
  for (const { policy, verdict: wanted } of expected.policies ?? []) {
    expect(receive(bytes, policy).verdict, JSON.stringify(policy)).toEqual(wanted);
  }
  for (const [what, wanted] of Object.entries(expected.reads ?? {})) {
    expect(READS[what]!(message!, wanted) ?? null, what).toEqual(wanted);
  }
  if (verdict === 'accept') {
    const again = parseMessage(formatMessage(message!));
    expect([...again.headers].filter(isNotLength)).toEqual([...message!.headers].filter(isNotLength));
    expect(again.body).toEqual(message!.body);
    expect(new MessageFramer().push(formatMessage(message!)).map((frame) => frame.kind)).toEqual(['message']);
  }
  // Whatever is wrong with a request, it can be answered.
  if (typeof verdict === 'object' && message?.kind === 'request') {
    const response = parseMessage(formatMessage(createResponse(message, verdict.status)));
    expect(response.headers.getAll('Via')).toEqual(message.headers.getAll('Via'));
  }
}

function receive(bytes: Buffer, policy?: RequestPolicy): { verdict: Verdict; message: SipMessage | undefined } {
  try {
    const message = parseMessage(bytes);
    if (message.kind === 'response') return { verdict: checkResponse(message) ? 'drop' : 'accept', message };
    return { verdict: checkRequest(message, policy) ?? 'accept', message };
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    const message = error.partial;
    const answer = { status: error.status, reason: error.reason };
    return { verdict: message?.kind === 'request' ? answer : 'drop', message };
  }
}

const isNotLength = ([name]: readonly [string, string]): boolean => name !== 'Content-Length';
const sip = (text: string): SipUri => parseUri(text) as SipUri;
const requestUri = (message: SipMessage): SipUri => sip((message as { uri: string }).uri);
const contactList = (message: SipMessage): readonly NameAddr[] => contacts(message) as readonly NameAddr[];
const address = ({ displayName, uri, tag }: NameAddr): object =>
  Object.fromEntries(Object.entries({ displayName, uri, tag }).filter(([, value]) => value !== undefined));

const READS: Record<string, (message: SipMessage, wanted: unknown) => unknown> = {
  method: (message) => (message as { method: string }).method,
  uri: (message) => (message as { uri: string }).uri,
  status: (message) => (message as { status: number }).status,
  reason: (message) => (message as { reason: string }).reason,
  uriUser: (message) => requestUri(message).user,
  uriPassword: (message) => requestUri(message).password,
  uriHost: (message) => requestUri(message).host,
  uriPort: (message) => requestUri(message).port,
  vias: (message) => vias(message).map(formatVia),
  viaCount: (message) => vias(message).length,
  received: (message) => topVia(message).received,
  from: (message) => address(from(message)),
  fromUser: (message) => sip(from(message).uri).user,
  fromParameters: (message, wanted) =>
    Object.fromEntries(Object.keys(wanted as object).map((name) => [name, from(message).parameters.get(name)])),
  to: (message) => address(to(message)),
  toUser: (message) => sip(to(message).uri).user,
  callId,
  cseq,
  maxForwards,
  expires,
  contacts: (message) => contactList(message).map(formatNameAddr),
  distinctBindings: (message) => new Set(contactList(message).map(({ uri }) => bindingKey(uri))).size,
  routes: (message) => routes(message).map(formatNameAddr),
  tokens: (message, wanted) =>
    Object.fromEntries(Object.keys(wanted as object).map((name) => [name, tokens(message, name)])),
  headers: (message, wanted) =>
    Object.fromEntries(Object.keys(wanted as object).map((name) => [name, message.headers.get(name)])),
  bodyLength: (message) => message.body.length,
};
