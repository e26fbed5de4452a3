import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { xcapUser } from './xcap-client.ts';
import { entry, FRIENDS, LIST } from './xcap-documents.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

describe('what cannot be done is a conflict that says why (RFC 4825 §11)', () => {
  const NS = 'xmlns="urn:ietf:params:xml:ns:resource-lists"';
  it.each([
    [
      'an element without its parent',
      `resource-lists/list[@name="no"]/entry[@uri="sip:x@example.org"]`,
      entry('x'),
      'no-parent',
    ],
    [
      'an element that would not be found where it is put',
      `${LIST}/entry[@uri="sip:x@example.org"]`,
      entry('y'),
      'cannot-insert',
    ],
    ['no element', `${LIST}/entry[@uri="sip:x@example.org"]`, 'text', 'not-xml-frag'],
    ['half an element', `${LIST}/entry[@uri="sip:x@example.org"]`, '<entry', 'not-xml-frag'],
    ['an element that is not kept there', `${LIST}/rule`, `<rule ${NS}/>`, 'constraint-failure'],
  ])('%s', async (_, node, body, condition) => {
    const { client } = await xcapUser(pool);
    await client.putLists(FRIENDS);
    const before = await client.get();
    const answer = await client.putElement(node, body);
    expect(answer).toMatchObject({ status: 409, type: 'application/xcap-error+xml' });
    expect(answer.text).toContain(`<${condition}`);
    expect((await client.get()).etag).toBe(before.etag);
  });

  it('names the closest parent that there is', async () => {
    const { client } = await xcapUser(pool);
    await client.putLists(FRIENDS);
    const answer = await client.putElement('resource-lists/list[@name="no"]/entry[1]', entry('x'));
    expect(answer.text).toContain(`${client.path()}/~~/resource-lists`);
  });

  it('also in a document that there is not', async () => {
    const { client } = await xcapUser(pool);
    const answer = await client.putElement(`${LIST}/entry[1]`, entry('x'));
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('<no-parent');
  });
});
