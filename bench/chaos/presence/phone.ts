import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SipAccount, SipAnswer, SipRequestOptions } from '@rollcall/test-kit';
import { SipClient } from '@rollcall/test-kit';
import type { PresenceLedger } from './ledger.ts';
import type { Pool } from './stage.ts';

/** No answer came, or 503: what the request was to do is done or not. */
export class LostError extends Error {}

const HUNG = 'a front end hangs';

/** A subscription as its phone keeps it. */
export interface HeldSubscription {
  readonly callId: string;
  /** With their tags. */
  readonly local: string;
  readonly remote: string;
  /** The pool's Contact. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Made or refreshed by an endpoint that is registered: it moves with it. */
  bound: boolean;
}

const RECONNECT_MS = 50;
const GIVE_UP_MS = 20_000;
/** Then it goes to another front end. */
const ANSWER_MS = 1500;

/**
 * A phone with subscriptions. When its connection ends, or over UDP no answer comes, it goes on through another front end, as the same
 * instance: by its registration, or, while it has none, by refreshing each subscription.
 */
export class PresencePhone {
  readonly account: SipAccount;
  readonly instance = `urn:uuid:${randomUUID()}`;
  readonly subscriptions = new Map<string, HeldSubscription>();
  /** Whether it wants to be registered. */
  registered = true;
  etag: string | undefined;
  /** How often it has connected. */
  connections = 0;
  readonly transport: 'TCP' | 'UDP';
  readonly #ledger: PresenceLedger;
  readonly #pool: Pool;
  /** Of all that it sends, whatever the dialog. */
  #cseq = 0;
  #client: SipClient | undefined;
  /** It keeps its socket wherever it registers. */
  #datagrams: SipClient | undefined;
  #ready: Promise<void> | undefined;
  #closed = false;
  #connecting = false;
  /** Of the front end that it is to use first. */
  #next: number;

  constructor(
    account: SipAccount,
    ledger: PresenceLedger,
    pool: Pool,
    { transport, first }: { transport: 'TCP' | 'UDP'; first: number },
  ) {
    this.transport = transport;
    this.account = account;
    this.#ledger = ledger;
    this.#pool = pool;
    this.#next = first;
  }

  get addressOfRecord(): string {
    return `sip:${this.account.user}@${this.account.domain}`;
  }

  /** Connects, and from then on again and again. */
  open(): Promise<void> {
    this.#ready ??= this.#connect();
    return this.#ready;
  }

  /** Sends a request on the connection of that moment, which has what its Contact says. @throws LostError when no answer comes */
  async send(request: () => SipRequestOptions): Promise<SipAnswer> {
    await this.open();
    return this.#exchange(this.#client, request);
  }

  /** Until an answer comes: for what may be done twice. `lost` tells whether it was sent more than once. */
  async insist(request: () => SipRequestOptions): Promise<{ answer: SipAnswer; lost: boolean }> {
    for (let lost = false; ; lost = true) {
      try {
        return { answer: await this.send(request), lost };
      } catch (error) {
        if (!(error instanceof LostError) || this.#closed) throw error;
        await sleep(RECONNECT_MS);
      }
    }
  }

  registration(expires: number): SipRequestOptions {
    const contact = this.#client?.contact(`;+sip.instance="<${this.instance}>";reg-id=1;expires=${expires}`);
    return { method: 'REGISTER', contacts: contact === undefined ? [] : [contact], supported: 'path, outbound' };
  }

  /** A SUBSCRIBE in its dialog. */
  refresh(subscription: HeldSubscription, expires: number): SipRequestOptions {
    const { callId, local, remote, target, headers } = subscription;
    const contacts = [this.#client?.contact() ?? ''];
    return {
      ...{ method: 'SUBSCRIBE', uri: target, from: local, to: remote, callId, contacts, expires, headers },
    };
  }

  contact(): string {
    return this.#client?.contact() ?? '';
  }

  /** Its connection breaks, and it comes back through another front end. */
  async roam(): Promise<void> {
    await this.open();
    if (this.#client) await this.#endConnection(this.#client);
    await this.open();
  }

  /** Over UDP nobody tells it that its front end has ended. */
  async findServer(): Promise<void> {
    if (this.#datagrams?.server && !this.#isServing(this.#datagrams.server)) await this.roam();
  }

  #isServing(server: string): boolean {
    return this.#pool.places('udp').includes(server);
  }

  async #endConnection(client: SipClient): Promise<void> {
    if (this.transport === 'TCP') return void (await client.close());
    if (!this.#connecting) this.#leave(client);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (this.#datagrams ?? this.#client)?.close();
  }

  async #exchange(client: SipClient | undefined, makeRequest: () => SipRequestOptions): Promise<SipAnswer> {
    if (!client) throw new LostError('not connected');
    const request = makeRequest();
    const lost = client.connection.ended.then(() => {
      throw new LostError('the connection has ended');
    });
    lost.catch(() => {});
    const patience = new AbortController();
    const impatient = this.#noAnswer(client.server, patience.signal);
    impatient.catch(() => {});
    try {
      this.#cseq += 2; // one more when it is challenged
      const answer = await Promise.race([client.send({ ...request, cseq: this.#cseq }), lost, impatient]);
      if (answer.status === 503) throw new LostError('the database was away');
      return answer;
    } catch (error) {
      if (error instanceof LostError) {
        if (error.message === HUNG) await this.#endConnection(client);
        throw error;
      }
      this.#ledger.broken.push(`${this.addressOfRecord}: ${request.method} ${request.callId ?? ''}: ${error}`);
      await this.#endConnection(client);
      throw new LostError('no answer');
    } finally {
      patience.abort();
    }
  }

  /** Only a front end that hangs may leave it without an answer, or one that is no more. */
  async #noAnswer(server: string | undefined, signal: AbortSignal): Promise<never> {
    for (;;) {
      await sleep(ANSWER_MS, undefined, { signal });
      if (this.#pool.someHung() || (server !== undefined && !this.#isServing(server))) throw new LostError(HUNG);
    }
  }

  async #connect(): Promise<void> {
    this.#connecting = true;
    await this.#tryEach().finally(() => {
      this.#connecting = false;
    });
  }

  async #tryEach(): Promise<void> {
    const giveUp = performance.now() + GIVE_UP_MS;
    while (!this.#closed) {
      const places = this.#pool.places(this.transport === 'UDP' ? 'udp' : 'tcp');
      const to = places[this.#next++ % places.length];
      let client: SipClient | undefined;
      try {
        if (to === undefined) throw new LostError('no front end lives');
        client = await this.#openClient(to);
        this.#client = client;
        this.connections += 1;
        await this.#comeBack(client);
        void client.connection.ended.then(() => this.#leave(client!));
        return;
      } catch (error) {
        if (this.transport === 'TCP') await client?.close();
        if (performance.now() > giveUp) throw error;
        await sleep(RECONNECT_MS);
      }
    }
  }

  async #openClient(to: string): Promise<SipClient> {
    const client = this.#datagrams ?? (await SipClient.open(this.account, { transport: this.transport, to }));
    if (this.transport === 'UDP') client.server = to;
    else client.contactParameters = ';transport=tcp';
    if (this.#datagrams) return client;
    if (this.transport === 'UDP') this.#datagrams = client;
    client.answerEach((request) => {
      if (request.method !== 'NOTIFY') return {};
      // RFC 3261 §12.2.2: one that a front end which hung has sent late.
      if (this.transport === 'UDP' && this.#ledger.isOvertaken(request)) return { status: 500 };
      return this.#ledger.take(request, performance.now()) ? {} : { status: 481 };
    });
    return client;
  }

  #leave(client: SipClient): void {
    if (this.#client !== client || this.#closed) return;
    this.#client = undefined;
    this.#ready = this.#connect();
    this.#ready.catch((error) => this.#ledger.broken.push(`${this.addressOfRecord} cannot come back: ${error}`));
  }

  async #comeBack(client: SipClient): Promise<void> {
    if (this.registered) {
      const answer = await this.#exchange(client, () => this.registration(3600));
      if (answer.status !== 200) throw new Error(`could not register: ${answer.text}`);
    }
    for (const subscription of this.subscriptions.values()) {
      if (this.registered && subscription.bound) continue;
      const answer = await this.#exchange(client, () => this.refresh(subscription, 3600));
      if (answer.status === 200) subscription.bound = this.registered;
      else if (!this.#ledger.find(subscription.callId)?.ending) {
        this.#ledger.broken.push(`${this.addressOfRecord}: refresh of ${subscription.callId}: ${answer.status}`);
        this.drop(subscription.callId);
      }
    }
  }

  /** It is no more: NOTIFYs of it get a 481. */
  drop(callId: string): void {
    this.subscriptions.delete(callId);
    this.#ledger.forget(callId);
  }
}
