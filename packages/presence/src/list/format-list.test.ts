import { expect, test } from 'vitest';
import { attributeOf, childOf, elementsOf, textOf } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import { formatList, type ListResource } from './format-list.ts';

const RLMI = 'urn:ietf:params:xml:ns:rlmi';

/** The parts by their Content-ID, as a client of RFC 2387 reads them. */
function partsOf({
  contentType,
  body,
}: {
  contentType: string;
  body: Buffer;
}): Map<string, { type: string; body: string }> {
  const boundary = /boundary="([^"]+)"/.exec(contentType)![1]!;
  const pieces = `\r\n${body.toString()}`.split(`\r\n--${boundary}`);
  expect(pieces.shift()).toBe('');
  expect(pieces.pop()).toBe('--\r\n');
  return new Map(
    pieces.map((piece) => {
      const [head = '', ...rest] = piece.split('\r\n\r\n');
      return [
        /Content-ID: (<[^>]+>)/.exec(head)![1]!,
        { type: /Content-Type: (\S+)/.exec(head)![1]!, body: rest.join('\r\n\r\n') },
      ];
    }),
  );
}

test('the root names each resource and the part with its state', () => {
  const list = formatList(
    {
      uri: 'sip:alice@example.org;list=contacts',
      version: 7,
      fullState: true,
      resources: [
        { uri: 'sip:bob@example.org', name: 'Bob & Söhne', cid: 'b', instanceState: 'active', body: '<p>ö</p>' },
        { uri: 'sip:carol@example.org', cid: 'c', instanceState: 'terminated', reason: 'noresource' },
      ],
    },
    'xyz',
  );
  const parts = partsOf(list);
  const start = /start="([^"]+)"/.exec(list.contentType)![1]!;
  expect(list.contentType).toMatch(/^multipart\/related;type="application\/rlmi\+xml";/);
  expect([...parts.keys()]).toEqual([start, '<b@example.org>']);
  expect(parts.get('<b@example.org>')).toEqual({ type: 'application/pidf+xml', body: '<p>ö</p>' });

  const root = readXml(parts.get(start)!.body, { bytes: 10_000, elements: 100 });
  const [bob, carol] = elementsOf(root);
  expect(['uri', 'version', 'fullState'].map((name) => attributeOf(root, name))).toEqual([
    'sip:alice@example.org;list=contacts',
    '7',
    'true',
  ]);
  expect(textOf(childOf(bob!, RLMI, 'name')!)).toBe('Bob & Söhne');
  const instance = (resource: typeof bob, name: string) => attributeOf(childOf(resource!, RLMI, 'instance')!, name);
  expect([instance(bob, 'id'), instance(bob, 'state'), instance(bob, 'cid')]).toEqual(['b', 'active', 'b@example.org']);
  expect([instance(carol, 'state'), instance(carol, 'reason'), instance(carol, 'cid')]).toEqual([
    'terminated',
    'noresource',
    undefined,
  ]);
});

test('250 contacts are one body with 251 parts', () => {
  const resources: ListResource[] = Array.from({ length: 250 }, (_, n) => ({
    uri: `sip:user${n}@example.org`,
    cid: `c${n}`,
    instanceState: 'active',
    body: `<presence n="${n}"/>`,
  }));
  const list = formatList({ uri: 'sip:alice@[2001:db8::1]', version: 1, fullState: false, resources }, 'b');
  const parts = partsOf(list);
  expect(parts.size).toBe(251);
  expect(parts.get('<c249@list.invalid>')!.body).toBe('<presence n="249"/>');
});
