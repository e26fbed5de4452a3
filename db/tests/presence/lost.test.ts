/** What was published is there again when its endpoint is: nothing that was acknowledged is lost with a front end. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { contact, type Fixture, openFixture, request, type TestAccount } from '../fixture.ts';
import { publication, publish, see } from './fixture.ts';

let fixture: Fixture;
let alice: TestAccount;
let bob: TestAccount;
beforeAll(async () => {
  fixture = await openFixture();
  [alice, bob] = [await fixture.addAccount('alice'), await fixture.addAccount('bob')];
});
afterAll(() => fixture.close());

it('a publication does not come back with a phone that has left while its endpoint was gone', async () => {
  const { backEnd } = fixture;
  const carol = await fixture.addAccount('carol');
  const dying = await backEnd.joinFrontEnd({ processId: 1, addresses: {}, lease: 3 });
  const register = (frontEndId: number, cseq: number, expires = 3600) =>
    backEnd.register(
      request(carol, {
        ...{ frontEndId, flow: `flow of ${frontEndId}`, cseq },
        changes: [contact('phone', { instance: '<urn:phone>', regId: 1, transport: 'TCP', expires })],
      }),
    );
  await register(dying, 1);
  const flow = { frontEndId: dying, flow: `flow of ${dying}` };
  await publish(backEnd, publication(carol, { open: true, stated: 'busy' }, { flow }));
  expect((await see(backEnd, alice, carol)).availability).toBe(6000);
  await backEnd.leaveFrontEnd(dying);
  await expect.poll(async () => (await backEnd.removeDeadFrontEnds()).length).toBe(0);
  await register(dying + 1, 2, 0);
  await register(dying + 1, 3);
  expect((await see(backEnd, alice, carol)).availability).toBe(3000);
});

it('a publication of a phone that is away stays when another phone leaves, and goes with all of them', async () => {
  const { backEnd } = fixture;
  const dave = await fixture.addAccount('dave');
  const dying = await backEnd.joinFrontEnd({ processId: 1, addresses: {}, lease: 3 });
  let cseq = 0;
  const register = (frontEndId: number, phone: string, expires = 3600) =>
    backEnd.register(
      request(dave, {
        ...{ frontEndId, flow: `flow of ${phone} on ${frontEndId}`, cseq: ++cseq, callId: phone },
        changes: [contact(phone, { instance: `<urn:${phone}>`, regId: 1, transport: 'TCP', expires })],
      }),
    );
  const availability = async () => (await see(backEnd, alice, dave)).availability;
  const away = async () => {
    await backEnd.leaveFrontEnd(dying);
    await expect.poll(async () => (await backEnd.removeDeadFrontEnds()).length).toBe(0);
  };
  await register(dying, 'desk');
  const flow = { frontEndId: dying, flow: `flow of desk on ${dying}` };
  await publish(backEnd, publication(dave, { open: true, stated: 'busy' }, { flow }));
  await register(dying + 1, 'mobile');
  await away();
  expect(await availability()).toBe(3000);
  await register(dying + 1, 'mobile', 0);
  expect(await availability()).toBe(18_000);
  await register(dying + 1, 'desk');
  expect(await availability()).toBe(6000);

  await backEnd.register(request(dave, { cseq: ++cseq, callId: 'any', removeAll: true, changes: [] }));
  await register(dying + 1, 'desk');
  expect(await availability()).toBe(3000);
});

it('a publication waits for its endpoint when a front end has died, and ends when the endpoint leaves', async () => {
  const { backEnd } = fixture;
  const join = (lease: number) => backEnd.joinFrontEnd({ processId: 1, addresses: {}, lease });
  const [dying, other] = [await join(3), await join(3600)];
  const register = (frontEndId: number, flow: string, cseq: number, expires = 3600) =>
    backEnd.register(
      request(bob, {
        ...{ frontEndId, flow, cseq },
        changes: [contact('phone', { instance: '<urn:phone>', regId: 1, transport: 'TCP', expires })],
      }),
    );
  const availability = async () => (await see(backEnd, alice, bob)).availability;

  await register(dying, 'first', 1);
  const flow = { frontEndId: dying, flow: 'first' };
  const { etag } = await publish(backEnd, publication(bob, { open: true, stated: 'do-not-disturb' }, { flow }));
  expect(await availability()).toBe(9000);

  await backEnd.leaveFrontEnd(dying);
  await expect.poll(async () => (await backEnd.removeDeadFrontEnds()).length).toBe(0);
  expect(await availability()).toBe(18_000);

  await register(other, 'second', 2);
  expect(await availability()).toBe(9000);
  const again = { etag, flow: { frontEndId: other, flow: 'second' } };
  const refreshed = await publish(backEnd, publication(bob, undefined, again));

  await register(other, 'second', 3, 0);
  expect(await availability()).toBe(18_000);
  await register(other, 'second', 4);
  expect(await availability()).toBe(3000);
  expect((await backEnd.publish(publication(bob, undefined, { etag: refreshed.etag }))).outcome).toBe('no_match');
});
