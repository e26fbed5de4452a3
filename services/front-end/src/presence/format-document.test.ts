import { expect, test } from 'vitest';
import { formatDocument } from './format-document.ts';

/** What somebody who watches their own documents is told (RFC 5875). */
function told(state: { contacts: number; rules: number }): string {
  const resource = { accountId: 1, address: 'alice@example.org', level: '', version: 7, state };
  return formatDocument('xcap-diff', resource, { xcapRoot: 'http://example.org/xcap-root/', notified: 1 }).text;
}

test('xcap-diff names the contact list and the access rules by their entity tags, as far as they are there', () => {
  const both = told({ contacts: 3, rules: 5 });
  expect(both).toContain('new-etag="3" sel="resource-lists/users/sip:alice@example.org/index"');
  expect(both).toContain('new-etag="5" sel="pres-rules/users/sip:alice@example.org/index"');
  expect(told({ contacts: 3, rules: 0 })).not.toContain('pres-rules');
  expect(told({ contacts: 0, rules: 0 })).not.toContain('<document');
});
