import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
beforeAll(async () => {
  pool = await startFrontEndPool();
});
afterAll(() => pool.stop());

it('a call between two front ends: INVITE, ACK, re-INVITE, BYE', async () => {
  const other = await pool.addFrontEnd();
  const alice = await pool.client({ transport: 'TCP' });
  const bob = await pool.client({ transport: 'TCP', frontEnd: other });
  await alice.register({ contacts: [alice.contact()] });
  await bob.register({ contacts: [bob.contact()] });
  const call = alice.invite(bob.addressOfRecord);
  const invite = await bob.receive('INVITE');
  bob.answer(invite, 180);
  await call.provisional(180);
  const theirs = bob.accept(invite);
  const ours = await call.answered();
  expect((await bob.receive('ACK')).header('Call-ID')).toBe(invite.header('Call-ID'));

  const again = theirs.reinvite();
  const reinvite = await alice.receive('INVITE');
  alice.accept(reinvite);
  expect((await again).status).toBe(200);
  await alice.receive('ACK');

  const bye = ours.exchange('BYE');
  bob.answer(await bob.receive('BYE'), 200);
  expect((await bye).status).toBe(200);
}, 20000);
