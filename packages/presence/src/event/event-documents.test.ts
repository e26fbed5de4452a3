import { expect, test } from 'vitest';
import { attributeOf, childrenOf, elementsOf, textOf } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import { formatMessageSummary } from './message-summary.ts';
import { formatReginfo } from './reginfo.ts';
import { formatWatcherinfo } from './watcherinfo.ts';
import { formatXcapDiff } from './xcap-diff.ts';

const LIMITS = { bytes: 25_000, elements: 100 };
const HOSTILE = '<"&\u0001>\'';

test('a phone that knows RFC 3842 sees whether messages wait, and how many', () => {
  expect(formatMessageSummary({ account: 'sip:alice@example.org', waiting: 2 })).toBe(
    'Messages-Waiting: yes\r\nMessage-Account: sip:alice@example.org\r\nPager-Message: 2/0\r\n',
  );
  expect(formatMessageSummary({ account: 'sip:a\r\nX: y@b', waiting: 0 })).toBe(
    'Messages-Waiting: no\r\nMessage-Account: sip:aX:y@b\r\nPager-Message: 0/0\r\n',
  );
});

test('reginfo names each contact of a registration', () => {
  const document = formatReginfo(
    [
      {
        aor: 'sip:alice@example.org',
        id: 'r1',
        contacts: [
          {
            ...{ id: 'c1', uri: 'sip:alice@192.0.2.1;x=<y>', state: 'active', event: 'registered', expires: 600 },
            ...{ durationRegistered: 12, q: 0.5, callId: 'a&b', cseq: 3, displayName: HOSTILE },
            ...{ instance: 'urn:uuid:1', publicGruu: 'sip:alice@example.org;gr=1', parameters: { 'reg-id': '1' } },
          },
        ],
      },
      { aor: 'sip:bob@example.org', id: 'r2', contacts: [] },
      {
        aor: 'sip:carol@example.org',
        id: 'r3',
        contacts: [{ id: 'c2', uri: 'sip:c@d', state: 'terminated', event: 'expired' }],
      },
    ],
    { version: 4, fullState: true },
  );
  const root = readXml(document, LIMITS);
  expect([root.namespace, attributeOf(root, 'version'), attributeOf(root, 'state')]).toEqual([
    'urn:ietf:params:xml:ns:reginfo',
    '4',
    'full',
  ]);
  const registrations = elementsOf(root);
  expect(registrations.map((one) => attributeOf(one, 'state'))).toEqual(['active', 'init', 'terminated']);
  const contact = elementsOf(registrations[0]!)[0]!;
  expect(Object.fromEntries(contact.attributes.map(({ local, value }) => [local, value]))).toEqual({
    ...{ id: 'c1', state: 'active', event: 'registered', 'duration-registered': '12', expires: '600' },
    ...{ q: '0.5', callid: 'a&b', cseq: '3' },
  });
  // The order of RFC 3680's schema: uri, display-name, unknown-param, then other namespaces.
  expect(
    elementsOf(contact).map((one) => [one.local, attributeOf(one, 'name') ?? attributeOf(one, 'uri') ?? textOf(one)]),
  ).toEqual([
    ['uri', 'sip:alice@192.0.2.1;x=<y>'],
    ['display-name', '<"&\ufffd>\''],
    ['unknown-param', '+sip.instance'],
    ['unknown-param', 'reg-id'],
    ['pub-gruu', 'sip:alice@example.org;gr=1'],
  ]);
});

test('watcherinfo names each watcher of a resource', () => {
  const document = formatWatcherinfo(
    [
      {
        resource: 'sip:alice@example.org',
        package: 'presence',
        watchers: [
          {
            id: 'w1',
            uri: 'sip:bob@example.org',
            status: 'active',
            event: 'subscribe',
            expiration: 300,
            durationSubscribed: 9,
          },
          { id: 'w2', uri: HOSTILE, displayName: HOSTILE, status: 'terminated', event: 'timeout' },
        ],
      },
    ],
    { version: 0, fullState: false },
  );
  const root = readXml(document, LIMITS);
  const list = childrenOf(root, 'urn:ietf:params:xml:ns:watcherinfo', 'watcher-list')[0]!;
  expect([attributeOf(root, 'state'), attributeOf(list, 'resource'), attributeOf(list, 'package')]).toEqual([
    'partial',
    'sip:alice@example.org',
    'presence',
  ]);
  expect(
    elementsOf(list).map((one) => [textOf(one), attributeOf(one, 'status'), attributeOf(one, 'expiration')]),
  ).toEqual([
    ['sip:bob@example.org', 'active', '300'],
    ['<"&\ufffd>\'', 'terminated', undefined],
  ]);
});

test('xcap-diff names the documents that have changed', () => {
  const document = formatXcapDiff({
    root: 'https://pool.example.org/xcap-root/',
    documents: [{ selector: 'resource-lists/users/sip:alice@example.org/index', previousEtag: '7', newEtag: '8' }],
  });
  const root = readXml(document, LIMITS);
  expect(attributeOf(root, 'xcap-root')).toBe('https://pool.example.org/xcap-root/');
  expect(elementsOf(root)[0]!.attributes.map(({ local, value }) => `${local}=${value}`)).toEqual([
    'new-etag=8',
    'previous-etag=7',
    'sel=resource-lists/users/sip:alice@example.org/index',
  ]);
});
