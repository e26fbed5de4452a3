import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contact, endpoints, type Fixture, openFixture, request, uris } from '../fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const query = { changes: [] };

describe('instances (RFC 5626 §6, RFC 5627)', () => {
  const flow = (host: string, regId?: number) =>
    contact(host, { instance: '<urn:uuid:1>', ...(regId !== undefined && { regId }) });

  it('replaces the contact of the same instance and reg-id, and keeps the endpoint', async () => {
    const alice = await fixture.addAccount('alice');
    const [first] = endpoints(await fixture.backEnd.register(request(alice, { changes: [flow('old', 1)] })));
    const outcome = await fixture.backEnd.register(request(alice, { cseq: 2, changes: [flow('new', 1)] }));
    expect(endpoints(outcome)).toEqual([{ ...first, uri: 'sip:alice@new' }]);
  });

  it('keeps the flows of one instance apart by reg-id, and those with the same URI too', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice, { changes: [flow('phone', 1)] }));
    const outcome = await fixture.backEnd.register(request(alice, { cseq: 2, changes: [flow('phone', 2)] }));
    expect(endpoints(outcome).map((endpoint) => endpoint.regId)).toEqual([1, 2]);
  });

  it('goes by the URI when there is an instance without a reg-id, or a reg-id without an instance', async () => {
    const alice = await fixture.addAccount('alice');
    await fixture.backEnd.register(request(alice, { changes: [flow('one')] }));
    await fixture.backEnd.register(request(alice, { cseq: 2, changes: [flow('two')] }));
    await fixture.backEnd.register(request(alice, { cseq: 3, changes: [contact('two', { regId: 1 })] }));
    expect(uris(await fixture.backEnd.register(request(alice, query)))).toEqual(['sip:alice@one', 'sip:alice@two']);
  });

  it('begins a new incarnation with another Call-ID only', async () => {
    const alice = await fixture.addAccount('alice');
    const changes = [flow('phone', 1)];
    const [first] = endpoints(await fixture.backEnd.register(request(alice, { changes })));
    const [refreshed] = endpoints(await fixture.backEnd.register(request(alice, { changes, cseq: 2 })));
    expect(refreshed!.incarnation).toBe(first!.incarnation);
    const [restarted] = endpoints(await fixture.backEnd.register(request(alice, { changes, callId: 'call-2' })));
    expect(restarted!.id).toBe(first!.id);
    expect(restarted!.incarnation).toBeGreaterThan(first!.incarnation);
  });

  it('never gives an incarnation twice, even after a removal', async () => {
    const alice = await fixture.addAccount('alice');
    const [first] = endpoints(await fixture.backEnd.register(request(alice)));
    await fixture.backEnd.register(request(alice, { cseq: 2, changes: [contact('phone', { expires: 0 })] }));
    const [second] = endpoints(await fixture.backEnd.register(request(alice, { cseq: 3 })));
    expect(second!.incarnation).toBeGreaterThan(first!.incarnation);
  });
});
