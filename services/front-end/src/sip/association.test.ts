import type { Flow } from '@rollcall/sip';
import { describe, expect, it } from 'vitest';
import { Associations } from './association.ts';

function connection(changes: Partial<Flow> = {}): Flow & { closed: boolean } {
  const address = { address: '192.0.2.1', port: 5060 };
  const flow = {
    ...{ id: 'tcp:1', transport: 'TCP' as const, reliable: true, remote: address, local: address, closed: false },
    send: () => {},
    close: () => {
      flow.closed = true;
    },
    ...changes,
  };
  return flow;
}

const alice = { accountId: 1, credentialVersion: 1 };
const bob = { accountId: 2, credentialVersion: 1 };

describe('the associations of a front end', () => {
  it('hold for a connection and an account until the connection closes, and leave nothing behind', () => {
    const associations = new Associations();
    const [one, two] = [connection(), connection()];
    for (const flow of [one, two, one]) associations.add(flow, 'alice@example.org', alice);
    associations.add(one, 'bob@example.org', bob);
    expect(associations.find(one, 'alice@example.org')).toEqual(alice);
    expect(associations.find(two, 'bob@example.org')).toBeUndefined();
    expect(associations.ofAccount('alice@example.org')).toHaveLength(2);
    expect(associations.size).toBe(3);
    associations.flowClosed(one);
    expect(associations.find(one, 'alice@example.org')).toBeUndefined();
    expect(associations.ofAccount('alice@example.org')).toMatchObject([{ flow: two }]);
    associations.flowClosed(two);
    expect([associations.size, [...associations.all()]]).toEqual([0, []]);
  });

  it('are never made for UDP, nor for a connection that closed while the back end was asked', () => {
    const associations = new Associations();
    associations.add(connection({ reliable: false, transport: 'UDP' }), 'alice@example.org', alice);
    associations.add(connection({ closed: true }), 'alice@example.org', alice);
    expect(associations.size).toBe(0);
  });

  it('end one by one; the last one closes its connection', () => {
    const associations = new Associations();
    const flow = connection();
    associations.add(flow, 'alice@example.org', alice);
    associations.add(flow, 'bob@example.org', bob);
    const [alices] = associations.ofAccount('alice@example.org');
    const [bobs] = associations.ofAccount('bob@example.org');
    expect(associations.end(alices!)).toBe('ended');
    expect([flow.closed, associations.end(alices!)]).toEqual([false, 'gone']);
    expect(associations.end(bobs!)).toBe('connection_closed');
    expect(flow.closed).toBe(true);
  });

  it('that the back end has refused prove nothing, and are still there to be ended', () => {
    const associations = new Associations();
    const flow = connection();
    associations.add(flow, 'alice@example.org', alice);
    associations.distrust(flow, 'alice@example.org');
    expect(associations.find(flow, 'alice@example.org')).toBeUndefined();
    const [refused] = associations.ofAccount('alice@example.org');
    expect(refused).toMatchObject(alice);
    expect(associations.end(refused!)).toBe('connection_closed');
  });

  it('that were renewed with the new password are not ended for the old one', () => {
    const associations = new Associations();
    const flow = connection();
    associations.add(flow, 'alice@example.org', alice);
    const [old] = associations.ofAccount('alice@example.org');
    associations.add(flow, 'alice@example.org', { ...alice, credentialVersion: 2 });
    expect(associations.end(old!)).toBe('gone');
    expect(flow.closed).toBe(false);
  });

  it('are 64 a connection: more accounts authenticate each time', () => {
    const associations = new Associations();
    const flow = connection();
    for (let n = 0; n < 100; n++) associations.add(flow, `user-${n}@example.org`, { ...alice, accountId: n });
    expect(associations.size).toBe(64);
    expect(associations.find(flow, 'user-63@example.org')).toBeDefined();
  });

  it('know a call by the one endpoint of its connection, whatever its Contact; of several by the Contact', () => {
    const associations = new Associations();
    const flow = connection();
    const [phone, other] = [1, 2].map((id) => ({ uri: `sip:alice@192.0.2.1:${id}`, id, instanceHash: '' }));
    associations.add(flow, 'alice@example.org', alice);
    const find = (uri: string) => associations.findRegistered(flow, 'alice@example.org', uri)?.id;
    expect(find('sip:alice@192.0.2.7')).toBeUndefined();
    associations.registered(flow, 'alice@example.org', phone!);
    associations.registered(flow, 'alice@example.org', phone!);
    expect(find('sip:alice@192.0.2.7')).toBe(1);
    associations.registered(flow, 'alice@example.org', other!);
    expect(find('sip:alice@192.0.2.7')).toBeUndefined();
    expect(find(other!.uri)).toBe(2);
  });
});
