import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type FrontEndProcess, startFrontEndProcess } from '../front-end-processes.ts';
import { newInstance, openPhone, openPhoneAt, SDP, sdp } from '../phones.ts';

let pool: FrontEndPool;
let hung: FrontEndProcess;

beforeAll(async () => {
  pool = await startFrontEndPool();
  hung = await startFrontEndProcess({ databaseUrl: pool.databaseUrl, domain: DOMAIN });
});

afterAll(async () => {
  await hung?.kill();
  await pool?.stop();
});

test('a re-INVITE that is cancelled while a front end hangs does not make its phones unreachable', async () => {
  const [caller, callee] = [await pool.addAccount('caller'), await pool.addAccount('callee')];
  const instance = newInstance();
  const alice = await openPhone(pool, caller, { instance });
  const bob = await openPhoneAt(hung.addresses.tcp, callee);
  const contacts = [alice.contact(`;+sip.instance="<${instance}>"`)];
  const outgoing = alice.invite(`sip:callee@${DOMAIN}`, { contacts, headers: [SDP], body: sdp() });
  bob.accept(await bob.receive('INVITE'), { headers: [SDP], body: sdp() });
  const dialog = await outgoing.answered();
  await bob.receive('ACK');

  // On a front end that has no connection to the other one yet.
  const third = await pool.addFrontEnd();
  await alice.close();
  dialog.client = await openPhone(pool, caller, { frontEnd: third, instance });
  hung.child.kill('SIGSTOP');
  const again = dialog.request('INVITE', { contacts: [dialog.client.contact()] });
  dialog.client.connection.send(again);
  await dialog.client.connection.next(({ status }) => status === 100);
  dialog.client.connection.send(again.replaceAll('INVITE', 'CANCEL'));
  expect((await dialog.client.finalAnswer(again)).status).toBe(487);
  hung.child.kill('SIGCONT');

  bob.answerEach(() => ({ status: 200 }));
  const uri = `sip:callee@${DOMAIN}`;
  const asked = async () => (await dialog.client.exchange({ method: 'OPTIONS', uri, to: `<${uri}>` })).status;
  await expect.poll(asked, { timeout: 5000 }).toBe(200);
}, 30_000);
