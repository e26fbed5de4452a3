import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SipAccount, SipAnswer, SipClient, SipRequestOptions } from '@rollcall/test-kit';
import { exchange, LostError, UnansweredError } from './exchange.ts';
import { type HeldSubscription, refresh } from './held-subscription.ts';
import type { PresenceLedger } from './ledger.ts';
import { openClient } from './open-client.ts';
import type { Pool } from './stage.ts';

const RECONNECT_MS = 50;
const GIVE_UP_MS = 20_000;

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
  /** Of its publication, which ends at `publishedUntil` (ms). */
  etag: string | undefined;
  publishedUntil = 0;
  /** As it has last registered. */
  contactUri: string | undefined;
  /** How often it has connected. */
  connections = 0;
  closed = false;
  readonly transport: 'TCP' | 'UDP';
  readonly #ledger: PresenceLedger;
  readonly #pool: Pool;
  /** Of all that it sends, whatever the dialog. */
  #cseq = 0;
  #client: SipClient | undefined;
  /** It keeps its socket wherever it registers. */
  #datagrams: SipClient | undefined;
  #ready: Promise<void> | undefined;
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

  registration(expires: number): SipRequestOptions {
    if (expires > 0) this.contactUri = this.#client?.contact();
    const contact = this.#client?.contact(`;+sip.instance="<${this.instance}>";reg-id=1;expires=${expires}`);
    return { method: 'REGISTER', contacts: contact === undefined ? [] : [contact], supported: 'path, outbound' };
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

  /** Of a datagram that a front end which hung has yet to read nobody can say that it is void. */
  async afterHang(): Promise<void> {
    while (this.transport === 'UDP' && this.#pool.someHung()) await sleep(RECONNECT_MS);
  }

  async close(): Promise<void> {
    this.closed = true;
    await (this.#datagrams ?? this.#client)?.close();
  }

  async #exchange(client: SipClient | undefined, request: () => SipRequestOptions): Promise<SipAnswer> {
    if (!client) throw new LostError('not connected');
    const { server } = client;
    this.#cseq += 2; // one more when it is challenged
    try {
      return await exchange(client, { ...request(), cseq: this.#cseq }, () => {
        // Only a front end that hangs may leave it without an answer, or one that is no more.
        return this.#pool.someHung() || (server !== undefined && !this.#isServing(server));
      });
    } catch (error) {
      if (error instanceof LostError && !(error instanceof UnansweredError)) throw error;
      if (!(error instanceof LostError)) this.#ledger.broken.push(`${this.addressOfRecord}: ${error}`);
      await this.#endConnection(client);
      throw error instanceof LostError ? error : new LostError('no answer');
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
    while (!this.closed) {
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
    if (this.transport === 'TCP') return openClient(this.account, this.#ledger, { transport: 'TCP', to });
    this.#datagrams ??= await openClient(this.account, this.#ledger, { transport: 'UDP', to });
    this.#datagrams.server = to;
    return this.#datagrams;
  }

  #leave(client: SipClient): void {
    if (this.#client !== client || this.closed) return;
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
      const answer = await this.#exchange(client, () => refresh(subscription, this.contact(), 3600));
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
