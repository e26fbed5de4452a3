import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, contact, endpoints, type Fixture, openFixture, request, uris } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const query = { changes: [] };

describe('order (RFC 3261 §10.3 steps 6 and 7)', () => {
  it.each([
    ['a lower CSeq', 4],
    ['the same CSeq', 5],
  ])('refuses %s of the same Call-ID, for a refresh, a removal and "*"', async (_, cseq) => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice, { cseq: 5 }));
    const late = request(alice, { cseq, now: at(10) });
    expect(await fixture.backEnd.register(late)).toEqual({ outcome: 'out_of_order' });
    const removal = { ...late, changes: [contact('phone', { expires: 0 })] };
    expect(await fixture.backEnd.register(removal)).toEqual({ outcome: 'out_of_order' });
    expect(await fixture.backEnd.register({ ...late, removeAll: true, changes: [] })).toEqual({
      outcome: 'out_of_order',
    });
    expect(endpoints(await fixture.backEnd.register(request(alice, { ...query, now: at(10) })))[0]?.expiresIn).toBe(
      590,
    );
  });

  it('takes the next CSeq, and any CSeq of another Call-ID', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice, { cseq: 5 }));
    expect((await fixture.backEnd.register(request(alice, { cseq: 6 }))).outcome).toBe('registered');
    expect((await fixture.backEnd.register(request(alice, { cseq: 1, callId: 'call-2' }))).outcome).toBe('registered');
  });

  it('changes nothing at all when one of several contacts is out of order', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice, { cseq: 5 }));
    const changes = [contact('desk'), contact('phone', { expires: 0 })];
    expect(await fixture.backEnd.register(request(alice, { cseq: 5, changes }))).toEqual({ outcome: 'out_of_order' });
    expect(uris(await fixture.backEnd.register(request(alice, query)))).toEqual(['sip:alice@phone']);
  });

  it('holds each binding to its own CSeq', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice, { cseq: 5 }));
    const outcome = await fixture.backEnd.register(request(alice, { cseq: 3, changes: [contact('desk')] }));
    expect(uris(outcome)).toEqual(['sip:alice@phone', 'sip:alice@desk']);
  });

  it('does not hold a binding that has expired against a request', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice, { cseq: 5 }));
    expect((await fixture.backEnd.register(request(alice, { cseq: 5, now: at(600) }))).outcome).toBe('registered');
  });

  it('refuses what came before the binding was set over another connection: its front end has hung meanwhile', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice, { frontEndId: 2, flow: 'new', now: at(10) }));
    let cseq = 0;
    const late = (seconds: number, expires: number) =>
      fixture.backEnd.register({
        ...request(alice, { callId: 'call-2', cseq: ++cseq, changes: [contact('phone', { expires })], now: at(12) }),
        receivedAt: performance.now() - seconds * 1000,
      });
    expect(await late(3, 600)).toEqual({ outcome: 'out_of_order' });
    expect(await late(3, 0)).toEqual({ outcome: 'out_of_order' });
    expect((await late(1, 600)).outcome).toBe('registered');
    // It has moved there.
    expect((await late(3, 600)).outcome).toBe('registered');
  });
});
