import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

it('messages to nobody online wait, and come in order when a phone registers on any front end', async () => {
  const other = await pool.addFrontEnd();
  const alice = await pool.client({ transport: 'TCP' });
  const bob = await pool.client({ transport: 'TCP', frontEnd: other });
  await alice.register({ contacts: [alice.contact()] });
  for (const text of ['one', 'two', 'three']) {
    expect((await alice.message(bob.addressOfRecord, text)).status).toBe(202);
  }
  const taken: string[] = [];
  bob.answerEach((request) => {
    taken.push(
      `${request.text.split('\r\n\r\n')[1]} ${request.header('From')} ${request.header('Date') !== undefined}`,
    );
    return {};
  });
  await bob.register({ contacts: [bob.contact()] });
  await expect.poll(() => taken, { timeout: 5000 }).toHaveLength(3);
  console.log(taken);
  await bob.register({ contacts: [bob.contact()] });
  await new Promise((r) => setTimeout(r, 300));
  expect(taken).toHaveLength(3);
  console.log(
    pool
      .log()
      .split('\n')
      .filter((l) => /error/.test(l))
      .join('\n'),
  );
});
