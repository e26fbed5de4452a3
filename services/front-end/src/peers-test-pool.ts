import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
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
import { Peers, type PeersOptions } from './peers.ts';

const HOST = '127.0.0.1';

/** Front ends as far as the others see them. */
export class PeersTestPool {
  /** What the back end says of the pool, by id; and how often it was asked. */
  readonly addresses = new Map<number, string>();
  asked = 0;
  readonly failures: string[] = [];
  readonly #closers: (() => unknown)[] = [];

  async findFrontEnds() {
    this.asked += 1;
    return [...this.addresses].map(([id, internal]) => ({ id, addresses: { internal } }));
  }

  /** A front end that answers every request 200. */
  async start(id: number, options: Partial<PeersOptions> = {}) {
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
      ...{ host: HOST, port: 0, backEnd: this, on, log: createLog({ level: 'silent' }) },
      failed: (why) => this.failures.push(why),
      ...options,
    });
    this.addresses.set(id, peers.address);
    const close = async () => {
      transactions.close();
      await peers.close();
    };
    this.#closers.push(close);
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

  /** In the place of a front end: does with connections what `take` says, by default nothing at all. */
  async startServer(id: number, take: (socket: Socket) => void = () => {}): Promise<void> {
    const server = createServer((socket) => take(socket.on('error', () => {}))).listen(0, HOST);
    await once(server, 'listening');
    this.#closers.push(() => server.close());
    this.addresses.set(id, `${HOST}:${(server.address() as { port: number }).port}`);
  }

  async stop(): Promise<void> {
    for (const close of this.#closers.splice(0).reverse()) await close();
  }
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
