import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { ruleNode, XcapClient } from './xcap-client.ts';

let pool: FrontEndPool;
let alice: XcapClient;
beforeAll(async () => {
  pool = await startFrontEndPool();
  alice = new XcapClient(await pool.addAccount('alice'), pool.frontEnd);
  expect((await alice.putLists(GOOD)).status).toBe(201);
});
afterAll(() => pool.stop());

const NS = 'xmlns="urn:ietf:params:xml:ns:resource-lists"';
const GOOD = `<resource-lists ${NS}><list name="friends"><entry uri="sip:bob@example.org"/></list></resource-lists>`;
const lists = (inner: string) => `<resource-lists ${NS}>${inner}</resource-lists>`;
const many = (count: number, make: (n: number) => string) => Array.from({ length: count }, (_, n) => make(n)).join('');
const rules = (count: number) =>
  '<ruleset xmlns="urn:ietf:params:xml:ns:common-policy" xmlns:pr="urn:ietf:params:xml:ns:pres-rules"><rule id="r0"><conditions><identity>' +
  many(count, (n) => `<one id="sip:u${n}@example.org"/>`) +
  '</identity></conditions><actions><pr:sub-handling>allow</pr:sub-handling></actions></rule></ruleset>';

/** A document that names a file, and one that grows a thousandfold with each entity. */
const EXTERNAL = `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>${lists('<list name="&f;"/>')}`;
const BOMB = `<!DOCTYPE x [<!ENTITY a "${'x'.repeat(1000)}">${many(9, (n) => `<!ENTITY b${n} "${'&a;'.repeat(1000)}">`)}]>${lists('<list name="&b8;"/>')}`;
const OF_ITSELF = lists(
  '<list name="a"><external anchor="http://localhost/xcap-root/resource-lists/users/sip:alice@example.org/index/~~/resource-lists/list%5b1%5d"/></list>',
);

describe('a contact list that cannot be one is refused, at once, and the one that is there stays', () => {
  it.each([
    ['above 1 MB', 413, lists(`<!--${'x'.repeat(1_100_000)}-->`)],
    ['with entities that grow', 409, BOMB],
    ['with an external entity', 409, EXTERNAL],
    ['with any DOCTYPE', 409, `<!DOCTYPE resource-lists>${GOOD}`],
    ['of another namespace', 409, GOOD.replace('ns:resource-lists', 'ns:other')],
    ['of none', 409, GOOD.replace(NS, '')],
    ['of 10,000 levels', 413, lists(`${'<list>'.repeat(10_000)}${'</list>'.repeat(10_000)}`)],
    ['of 20,000 entries', 413, lists(`<list name="a">${many(20_000, (n) => `<entry uri="sip:${n}@h"/>`)}</list>`)],
    [
      'of more contacts than there may be',
      409,
      lists(`<list name="a">${many(251, (n) => `<entry uri="sip:u${n}@example.org"/>`)}</list>`),
    ],
    ['of more groups than there may be', 409, lists(many(65, (n) => `<list name="g${n}"/>`))],
    ['with two lists of one name', 409, lists('<list name="a"/><list name="a"/>')],
    ['that is half a document', 409, '<resource-lists'],
    ['that is nothing', 409, ''],
    [
      'that is no UTF-8',
      409,
      Buffer.concat([
        Buffer.from(`<resource-lists ${NS}><!--`),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('--></resource-lists>'),
      ]),
    ],
    ['with a control character', 409, lists('<list name="&#1;"/>')],
    ['with a zero byte', 409, lists('<list name="\0"/>')],
    ['that includes itself', 409, OF_ITSELF],
  ])('%s: %i', async (_, status, body) => {
    const began = performance.now();
    expect((await alice.putLists(body)).status).toBe(status);
    expect(performance.now() - began).toBeLessThan(3000);
    expect((await alice.get()).text).toMatch(/name="friends".*sip:bob@example\.org/s);
  });
});

describe('rules', () => {
  it('for 10,000 watchers are kept, for one more refused', async () => {
    const bob = new XcapClient(await pool.addAccount('bob'), pool.frontEnd);
    expect((await bob.putRules(rules(10_001))).status).toBe(409);
    expect((await bob.get('', { auid: 'pres-rules' })).status).toBe(404);
    expect((await bob.putRules(rules(10_000))).status).toBe(201);
    const read = await bob.get('', { auid: 'pres-rules' });
    expect(read.text.match(/<rule /g)).toHaveLength(10_000);
    const one = ruleNode('user-u9999_40example.org');
    // To look for a part of so much takes too long, for others too.
    expect((await bob.get(one, { auid: 'pres-rules' })).status).toBe(413);
    expect((await bob.delete(one, {}, 'pres-rules')).status).toBe(409);
    // What is written out is more than may be sent.
    expect((await bob.putRules(read.text)).status).toBe(413);
  });

  it.each([
    ['of another namespace', 409, rules(1).replace('ns:common-policy', 'ns:other')],
    ['with a rule without an id', 409, rules(1).replace(' id="r0"', '')],
    ['that are a contact list', 409, GOOD],
    ['above 1 MB', 413, `<!--${'x'.repeat(1_100_000)}-->${rules(1)}`],
  ])('%s: %i', async (_, status, body) => {
    expect((await alice.putRules(body)).status).toBe(status);
    expect((await alice.get('', { auid: 'pres-rules' })).status).toBe(404);
  });
});

describe('a request that is none', () => {
  const type = 'application/resource-lists+xml';
  it.each([
    ['another type', 415, 'PUT', '', { type: 'text/xml', body: GOOD }],
    ['no type', 415, 'PUT', '', { body: Buffer.from(GOOD) }],
    ['something packed', 415, 'PUT', '', { type, body: gzipSync(GOOD), headers: { 'content-encoding': 'gzip' } }],
    ['an element as a document', 415, 'PUT', 'resource-lists/list%5B1%5D', { type, body: '<list name="a"/>' }],
    ['a method that there is not', 405, 'POST', '', { type, body: GOOD }],
    ['namespaces written', 405, 'PUT', 'resource-lists/namespace::*', { type, body: GOOD }],
    ['a selector that is none', 400, 'GET', 'resource-lists/list%5B', {}],
    ['a selector of nothing', 400, 'GET', '/', {}],
    ['a selector of many steps', 400, 'GET', 'a/'.repeat(1000), {}],
  ])('%s: %i', async (_, status, method, node, request) => {
    const path = alice.path() + (node && `/~~/${node}`);
    const answer = await alice.send(method, path, request);
    expect(answer.status).toBe(status);
  });

  it.each([
    ['another document', alicePath('resource-lists', 'other')],
    ['another application usage', alicePath('rls-services', 'index')],
    ['an unknown domain', '/xcap-root/resource-lists/users/sip:alice@elsewhere.net/index'],
    ['no user', '/xcap-root/resource-lists/users/alice/index'],
    ['nothing at all', '/xcap-root/'],
    ['what is global', '/xcap-root/resource-lists/global/index'],
  ])('%s: 404', async (_, path) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await alice.send(method, path, method === 'PUT' ? { type, body: GOOD } : {});
      expect([404, 405]).toContain(answer.status);
    }
  });
});

function alicePath(auid: string, document: string): string {
  return `/xcap-root/${auid}/users/sip:alice@example.org/${document}`;
}

it('and all the while others are served', async () => {
  const carol = new XcapClient(await pool.addAccount('carol'), pool.frontEnd);
  await Promise.all([
    ...Array.from({ length: 10 }, () => alice.putLists(BOMB)),
    expect(carol.putLists(GOOD)).resolves.toMatchObject({ status: 201 }),
  ]);
});
