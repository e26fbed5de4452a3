import { describe, expect, it } from 'vitest';
import { readTarget } from './target.ts';

const alice = { user: 'alice', domain: 'example.org' };

describe('an XCAP URI names', () => {
  it.each([
    [
      '/xcap-root/resource-lists/users/sip:alice@example.org/index',
      { auid: 'resource-lists', owner: alice, document: 'index' },
    ],
    [
      '/xcap-root/pres-rules/users/sip%3Aalice%40EXAMPLE.org/index',
      { auid: 'pres-rules', owner: alice, document: 'index' },
    ],
    ['/xcap-root/pres-rules/users/alice@example.org/index', { auid: 'pres-rules', owner: alice, document: 'index' }],
    ['http://h:8080/xcap-root/a/users/sip:alice@example.org/x/y', { auid: 'a', owner: alice, document: 'x/y' }],
    ['/xcap-root/xcap-caps/global/index', { auid: 'xcap-caps', document: 'index' }],
  ])('a document: %s', (url, target) => {
    const { documentUri, ...rest } = readTarget(url)!;
    expect(rest).toEqual(target);
    expect(url.endsWith(documentUri)).toBe(true);
  });

  it('a node of one, which stays escaped, as does the query', () => {
    expect(
      readTarget(
        '/xcap-root/resource-lists/users/sip:alice@example.org/index/~~/resource-lists/a:list%5b1%5d?xmlns(a=urn:a)',
      ),
    ).toEqual({
      ...{ auid: 'resource-lists', owner: alice, document: 'index' },
      documentUri: '/xcap-root/resource-lists/users/sip:alice@example.org/index',
      node: '/resource-lists/a:list%5b1%5d',
      query: 'xmlns(a=urn:a)',
    });
  });

  it.each([
    '/xcap-root/resource-lists',
    '/xcap-root/resource-lists/users',
    '/xcap-root/resource-lists/users/sip:alice@example.org',
    '/xcap-root/resource-lists/users/nobody/index',
    '/xcap-root/resource-lists/users/%ff/index',
    '/xcap-root/resource-lists/global',
    '/xcap-root/resource-lists/others/sip:alice@example.org/index',
    '/v1/endpoints',
  ])('nothing: %s', (url) => {
    expect(readTarget(url)).toBeUndefined();
  });
});
