import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLog } from '@rollcall/process';
import {
  createRequest,
  createResponse,
  type Flow,
  type ListenerEvents,
  parseMessage,
  type SipRequest,
  TransactionLayer,
} from '@rollcall/sip';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PeerUnreachableError } from './peer.ts';
import { Peers, type PeersOptions } from './peers.ts';

const HOST = '127.0.0.1';
const closers: (() => unknown)[] = [];
/** What the back end says of the pool, and how often it was asked. */
let pool: Map<number, string>;
let asked: number;
let failures: string[];

beforeEach(() => {
  pool = new Map();
  asked = 0;
  failures = [];
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function findFrontEnds() {
  asked += 1;
  return [...pool].map(([id, internal]) => ({ id, addresses: { internal } }));
}

/** A front end as far as the others see it: it answers every request 200. */
async function startPeers(id: number, options: Partial<PeersOptions> = {}) {
  let peers: Peers | undefined;
  const came: { request: SipRequest; internal: boolean; flow: Flow }[] = [];
  const transactions = new TransactionLayer({
    onRequest(request, transaction) {
      came.push({ request, internal: peers!.has(transaction.flow), flow: transaction.flow });
      transaction.respond(createResponse(request, 200));
    },
  });
  const on: ListenerEvents = {
    message: (bytes, flow) => transactions.receive(parseMessage(bytes, { stream: true }), flow),
    broken() {},
    closed: (flow) => transactions.flowClosed(flow),
  };
  peers = await Peers.open({
    ...{ host: HOST, port: 0, backEnd: { findFrontEnds }, on, log: createLog({ level: 'silent' }) },
    failed: (why) => failures.push(why),
    ...options,
  });
  pool.set(id, peers.address);
  const close = async () => {
    transactions.close();
    await peers.close();
  };
  closers.push(close);
  /** Sends an OPTIONS, and says what became of it. */
  const ask = async (to: number) => {
    const flow = await peers.flow(to);
    const outcome = Promise.withResolvers<number | string>();
    transactions.request(optionsRequest(), flow, {
      response: ({ status }) => outcome.resolve(status),
      timeout: () => outcome.resolve('timeout'),
      transportError: () => outcome.resolve('transport error'),
    });
    return outcome.promise;
  };
  return { peers, came, close, ask };
}

function optionsRequest(): SipRequest {
  return createRequest({
    method: 'OPTIONS',
    uri: 'sip:pool.test',
    headers: [
      ['From', '<sip:a@pool.test>;tag=1'],
      ['To', '<sip:pool.test>'],
      ['Call-ID', 'c1'],
      ['CSeq', '1 OPTIONS'],
    ],
  });
}

/** Accepts connections and never says a word, as the kernel does for a process that hangs. */
async function hungServer(): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {})).listen(0, HOST);
  await once(server, 'listening');
  closers.push(() => server.close());
  return server;
}

async function timed(run: () => Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const begun = performance.now();
  const error = await run().then(
    () => undefined,
    (thrown) => thrown,
  );
  return { error, ms: performance.now() - begun };
}

describe('two front ends', () => {
  it('reach each other over one connection, which the other one knows to be internal', async () => {
    const [first, second] = [await startPeers(1), await startPeers(2)];
    expect(first.peers.connected(2)).toBeUndefined();
    expect(await Promise.all([first.ask(2), first.ask(2), first.ask(2)])).toEqual([200, 200, 200]);
    expect(first.peers.connected(2)).toBe(await first.peers.flow(2));
    expect(second.came.map(({ internal }) => internal)).toEqual([true, true, true]);
    expect(new Set(second.came.map(({ flow }) => flow)).size).toBe(1);
    expect([first.peers.connections, second.peers.connections]).toEqual([1, 1]);
    expect(asked).toBe(1);
    expect(await second.ask(1)).toBe(200);
  });

  it('keep their connection open while nothing is said on it', async () => {
    const [first] = [await startPeers(1), await startPeers(2)];
    const flow = await first.peers.flow(2);
    await sleep(4500); // more keep-alives than may go without an answer: the absence of something
    expect(flow.closed).toBe(false);
    expect(await first.ask(2)).toBe(200);
    expect(failures).toEqual([]);
  });

  it('find each other again when one of them has been started anew', async () => {
    const [first, second] = [await startPeers(1), await startPeers(2)];
    expect(await first.ask(2)).toBe(200);
    await second.close();
    pool.delete(2);
    await startPeers(3);
    await expect.poll(() => first.peers.connected(2)).toBeUndefined();
    await expect.poll(() => first.ask(3).catch((error) => error), { timeout: 3000 }).toBe(200);
    await expect
      .poll(() => first.peers.flow(2).catch((error) => error), { timeout: 8000 })
      .toBeInstanceOf(PeerUnreachableError);
  });
});

describe('a front end that is not there', () => {
  it('and that the pool does not know is no way, and a flood of such asks the back end twice a second', async () => {
    const first = await startPeers(1);
    for (let id = 100; id < 200; id += 1) await expect(first.peers.flow(id)).rejects.toThrow(PeerUnreachableError);
    expect(asked).toBeLessThanOrEqual(2);
  });

  it('fails at once when its machine refuses', async () => {
    const [first, second] = [await startPeers(1), await startPeers(2)];
    await second.close();
    const { error, ms } = await timed(() => first.peers.flow(2));
    expect(error).toBeInstanceOf(PeerUnreachableError);
    expect(ms).toBeLessThan(500);
    expect(failures).toEqual(['refused']);
  });

  it('fails within a second when its process hangs, and those that come next at once', async () => {
    const first = await startPeers(1);
    const server = await hungServer();
    pool.set(2, `${HOST}:${(server.address() as { port: number }).port}`);
    const attempts = await Promise.all([timed(() => first.peers.flow(2)), timed(() => first.peers.flow(2))]);
    for (const { error, ms } of attempts) {
      expect(error).toBeInstanceOf(Error);
      expect(ms).toBeLessThan(1500);
    }
    expect((await timed(() => first.peers.flow(2))).ms).toBeLessThan(100);
    expect(failures).toEqual(['no-answer']);
  });

  it('is reached with the list of before while the back end is away', async () => {
    let away = false;
    const backEnd = {
      findFrontEnds: async () => (away ? Promise.reject(new Error('away')) : findFrontEnds()),
    };
    const [first, second] = [await startPeers(1, { backEnd }), await startPeers(2)];
    expect(await first.ask(2)).toBe(200);
    await sleep(5100); // until the list is old
    away = true;
    (await first.peers.flow(2)).close();
    await expect.poll(() => first.peers.connected(2)).toBeUndefined();
    expect(await first.ask(2)).toBe(200);
    expect(second.came).toHaveLength(2);
  }, 10_000);
});

it('requests on a front end that stops answering fail within four seconds, though their transactions have 32', async () => {
  const first = await startPeers(1);
  // It answers the first keep-alive, then hangs.
  const server = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.write('\r\n'));
  }).listen(0, HOST);
  await once(server, 'listening');
  closers.push(() => server.close());
  pool.set(2, `${HOST}:${(server.address() as { port: number }).port}`);
  const begun = performance.now();
  expect(await first.ask(2)).toBe('transport error');
  expect(performance.now() - begun).toBeLessThan(4500);
  expect(failures).toEqual(['hung']);
});

it('a front end that reads nothing holds a bounded part of the memory', async () => {
  const first = await startPeers(1);
  const server = createServer((socket) => {
    socket.on('error', () => {}).write('\r\n');
    socket.pause();
  }).listen(0, HOST);
  await once(server, 'listening');
  closers.push(() => server.close());
  pool.set(2, `${HOST}:${(server.address() as { port: number }).port}`);
  const flow = await first.peers.flow(2);
  let sent = 0;
  for (; !flow.closed && sent < 100 << 20; sent += 1 << 16) flow.send(Buffer.alloc(1 << 16));
  expect(flow.closed).toBe(true);
  expect(sent).toBeLessThan(32 << 20);
});

describe('TLS between front ends', () => {
  it('goes through when both have certificates of one authority', async () => {
    const authority = await makeAuthority();
    const tls = async () => ({ ...(await authority.sign()), ca: authority.cert });
    const [first, second] = [await startPeers(1, { tls: await tls() }), await startPeers(2, { tls: await tls() })];
    expect(await first.ask(2)).toBe(200);
    expect(second.came[0]!.flow.transport).toBe('TLS');
  });

  it('is refused to a front end whose certificate somebody else signed, whichever of them connects', async () => {
    const [ours, theirs] = [await makeAuthority(), await makeAuthority()];
    const own = { ...(await ours.sign()), ca: ours.cert };
    // It trusts us, and has no certificate that we trust.
    const foreign = { ...(await theirs.sign()), ca: ours.cert };
    const [first, second] = [await startPeers(1, { tls: own }), await startPeers(2, { tls: foreign })];
    await expect(second.peers.flow(1)).rejects.toThrow();
    await expect(first.peers.flow(2)).rejects.toThrow();
    expect([...first.came, ...second.came]).toEqual([]);
  });

  it('is refused to one that comes without TLS', async () => {
    const authority = await makeAuthority();
    const tls = { ...(await authority.sign()), ca: authority.cert };
    const [first, second] = [await startPeers(1, { tls }), await startPeers(2)];
    await expect(second.peers.flow(1)).rejects.toThrow();
    expect(first.came).toEqual([]);
  });
});

async function makeAuthority() {
  const options = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;
  const ca = await generate([{ name: 'commonName', value: 'authority' }], {
    ...options,
    extensions: [{ name: 'basicConstraints', cA: true, critical: true }],
  });
  return {
    cert: ca.cert,
    async sign() {
      const signed = await generate([{ name: 'commonName', value: 'front end' }], {
        ...options,
        ca: { key: ca.private, cert: ca.cert },
      });
      return { cert: signed.cert, key: signed.private };
    },
  };
}
