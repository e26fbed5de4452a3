import type { Flow } from '@rollcall/sip';
import { expect, it } from 'vitest';
import { OpenFlows } from './drain.ts';

function openFlow(id: string): Flow & { closed: boolean } {
  const address = { address: '192.0.2.1', port: 1 };
  return {
    ...{ id, transport: 'TCP', reliable: true, remote: address, local: address, closed: false, send() {} },
    close() {
      this.closed = true;
    },
  };
}

it('a flow is found by its id while it is open', () => {
  const flows = new OpenFlows();
  const [tcp, ws] = [openFlow('tcp:1'), openFlow('ws:1')];
  flows.opened(tcp);
  flows.opened(ws);
  expect([flows.find('tcp:1'), flows.find('ws:1'), flows.find('tcp:2')]).toEqual([tcp, ws, undefined]);
  ws.close();
  expect(flows.find('ws:1')).toBeUndefined();
  flows.closed(tcp);
  expect(flows.find('tcp:1')).toBeUndefined();
});

it('over UDP there is a flow towards any address, and none where the id names none', () => {
  const flows = new OpenFlows();
  expect(flows.find('udp:192.0.2.1:5060')).toBeUndefined();
  const asked: unknown[] = [];
  const flowTo = (address: string, port: number) => {
    asked.push([address, port]);
    return openFlow(`udp:${address}:${port}`);
  };
  flows.use({ udp: { flowTo }, awaits: () => false });
  expect(flows.find('udp:192.0.2.1:5060')?.id).toBe('udp:192.0.2.1:5060');
  expect(flows.find('udp:2001:db8::1:5060')?.id).toBe('udp:2001:db8::1:5060');
  expect(asked).toEqual([
    ['192.0.2.1', 5060],
    ['2001:db8::1', 5060],
  ]);
  for (const id of [
    'udp:',
    'udp:192.0.2.1',
    'udp:192.0.2.1:0',
    'udp:192.0.2.1:70000',
    'udp:example.org:5060',
    'udp:1:x',
  ])
    expect(flows.find(id), id).toBeUndefined();
});

it('a drain closes connections that requests wait on after all others', async () => {
  const flows = new OpenFlows();
  const awaited = openFlow('tcp:1');
  const others = ['tcp:2', 'tcp:3', 'tcp:4'].map(openFlow);
  for (const flow of [awaited, ...others]) flows.opened(flow);
  let waits = true;
  flows.use({ udp: { flowTo: () => awaited }, awaits: (flow) => flow === awaited && waits });
  const drained = flows.closeInSpread(1500);
  await expect.poll(() => others.every(({ closed }) => closed), { timeout: 3000 }).toBe(true);
  expect(awaited.closed).toBe(false);
  waits = false;
  await drained;
});
