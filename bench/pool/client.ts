import { setTimeout as sleep } from 'node:timers/promises';
import { Phone } from '../load/phone.ts';
import { targetOf } from '../load/requester.ts';
import { StreamRequester } from '../load/stream-requester.ts';
import { DOMAIN, passwordOf } from './local-pool.ts';

/** A phone on a connection to the VIP. When the connection ends it comes back, unless it is told to stay away. */
export class PoolClient {
  readonly user: string;
  /** What went wrong after its one retry. */
  readonly failures: string[] = [];
  /** When it connected again, and when it was registered again; of the last time. */
  connectedAt = 0;
  registeredAt = 0;
  retries = 0;
  /** How often its connection was ended by the pool. */
  lost = 0;
  staysAway = false;
  readonly #phone: Phone;
  readonly #target: string;
  /** One of many, since those of one address run out of ports: closed connections keep theirs for a minute. */
  readonly #from: string;
  #requester: StreamRequester | undefined;
  #closed = false;
  /** One request at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(user: string, target: string) {
    this.user = user;
    this.#target = target;
    this.#from = `127.0.1.${1 + (Number(user.slice(1)) % 250)}`;
    const contact = `sip:${user}@192.0.2.1;transport=tcp`;
    this.#phone = new Phone({ user, password: passwordOf(user), domain: DOMAIN, contact });
  }

  get connected(): boolean {
    return this.#requester !== undefined;
  }

  /** REGISTER with credentials; once more, on a new connection where needed, when that fails. */
  register(): Promise<void> {
    const turn = this.#last.then(() => this.#register());
    this.#last = turn;
    return turn;
  }

  close(): void {
    this.#closed = true;
    this.#requester?.close();
  }

  async #register(): Promise<void> {
    const tries: string[] = [];
    while (tries.length < 2 && !this.#closed) {
      try {
        const requester = await this.#connection();
        const { status } = await this.#phone.register(requester);
        if (status === 200) {
          this.registeredAt = performance.now();
          return;
        }
        tries.push(`status ${status}`);
      } catch (error) {
        tries.push((error as Error).message.split('\n')[0]!);
      }
      this.retries += 1;
      await sleep(100 + Math.random() * 400);
    }
    if (!this.#closed) this.failures.push(tries.join(', then '));
  }

  async #connection(): Promise<StreamRequester> {
    if (this.#requester) return this.#requester;
    const requester = await StreamRequester.open('TCP', targetOf(this.#target), this.#from);
    this.connectedAt = performance.now();
    this.#requester = requester;
    void requester.closed.then(() => {
      this.#requester = undefined;
      if (this.#closed) return;
      this.lost += 1;
      if (!this.staysAway) void this.#comeBack();
    });
    return requester;
  }

  async #comeBack(): Promise<void> {
    await sleep(Math.random() * 1000);
    if (!this.connected) await this.register();
  }
}
