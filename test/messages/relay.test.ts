import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

it('a message reaches a phone on another front end', async () => {
  const other = await pool.addFrontEnd();
  const alice = await pool.client({ transport: 'TCP' });
  const bob = await pool.client({ transport: 'TCP', frontEnd: other });
  await alice.register({ contacts: [alice.contact()] });
  await bob.register({ contacts: [bob.contact()] });
  bob.answerEach(() => ({}));
  const answer = await alice.message(bob.addressOfRecord, 'hello');
  console.log(
    answer.text,
    pool
      .log()
      .split('\n')
      .filter((l) => /error|warn/.test(l))
      .join('\n'),
  );
  expect(answer.status).toBe(200);
});
