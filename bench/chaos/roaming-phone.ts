import { randomUUID } from 'node:crypto';
import type { SipAccount, SipAnswer, SipReceived } from '@rollcall/test-kit';
import { SipClient } from '@rollcall/test-kit';

/** host:port of TCP, of those front ends that live. */
export type Places = () => readonly string[];

/**
 * A phone on TCP that, when its connection ends, registers through another front end, as the same instance; until it is
 * closed.
 */
export class RoamingPhone {
  readonly account: SipAccount;
  readonly #places: Places;
  readonly #take: (request: SipReceived) => void;
  readonly #instance = `urn:uuid:${randomUUID()}`;
  #client: SipClient | undefined;
  #closed = false;
  /** Of the front end that it is to use first. */
  #next: number;

  private constructor(account: SipAccount, places: Places, first: number, take: (request: SipReceived) => void) {
    this.account = account;
    this.#places = places;
    this.#next = first;
    this.#take = take;
  }

  /** Registers. @param take is told of each request, which is answered with 200 */
  static async open(
    account: SipAccount,
    places: Places,
    first: number,
    take: (request: SipReceived) => void = () => {},
  ) {
    const phone = new RoamingPhone(account, places, first, take);
    await phone.#connect();
    return phone;
  }

  /** @throws when it is between two front ends, or the connection ends first */
  message(to: string, body: string): Promise<SipAnswer> {
    const client = this.#client;
    if (!client) return Promise.reject(new Error('not connected'));
    const lost = client.connection.ended.then(() => {
      throw new Error('the connection has ended');
    });
    return Promise.race([client.message(to, body), lost]);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client?.close();
  }

  async #connect(): Promise<void> {
    for (let attempt = 0; !this.#closed; attempt++) {
      const places = this.#places();
      const to = places[this.#next++ % places.length]!;
      try {
        const client = await SipClient.open(this.account, { transport: 'TCP', to });
        client.contactParameters = ';transport=tcp';
        client.answerEach((request) => {
          this.#take(request);
          return {};
        });
        const contacts = [client.contact(`;+sip.instance="<${this.#instance}>";reg-id=1`)];
        const answer = await client.register({ contacts, supported: 'path, outbound', expires: 600 });
        if (answer.status !== 200) throw new Error(`could not register: ${answer.text}`);
        this.#client = client;
        void client.connection.ended.then(() => {
          if (this.#client === client) this.#client = undefined;
          return this.#connect();
        });
        return;
      } catch (error) {
        if (attempt > 20) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}
