import { randomUUID } from 'node:crypto';
import type { BackEnd, SubscriptionReference } from '@rollcall/back-end';
import type { TokenHolder } from '../token/access-token.ts';
import { showAddress } from './address.ts';
import { tokenInvalid } from './authorize.ts';
import { Problem } from './problem.ts';

export interface StreamSubscriptionOptions {
  backEnd: Pick<BackEnd, 'subscribe' | 'endSubscriptions'>;
  holder: TokenHolder;
  /** The presence of the account's contacts (RFC 4662), or its own messages that wait (RFC 3842). */
  event: 'presence' | 'message-summary';
  frontEndId: number;
  /** Its name among the HTTP watchers of the front end. */
  flow: string;
  /** 'ip:port' */
  receivedFrom: string;
}

/** Seconds that it outlives a front end that dies. */
const LIFETIME = 600;
const REFRESH_MS = (LIFETIME / 3) * 1000;

/** ms between two notifications: what changes at once comes at once, in one piece. */
const MINIMUM_INTERVAL = 500;

/** A subscription of an event stream: one as SIP watchers have, but for its transport. */
export class StreamSubscription {
  readonly #options: StreamSubscriptionOptions;
  readonly #callId = randomUUID();
  readonly #remoteTag = randomUUID();
  #remoteCseq = 0;
  #refreshAt = 0;
  #localTag: string | undefined;
  #reference: SubscriptionReference | undefined;

  private constructor(options: StreamSubscriptionOptions) {
    this.#options = options;
  }

  /** @throws Problem 401, 429 */
  static async open(options: StreamSubscriptionOptions): Promise<StreamSubscription> {
    const subscription = new StreamSubscription(options);
    const outcome = await subscription.#subscribe(performance.now());
    if (outcome === 'subscribed') return subscription;
    if (outcome === 'too_many') {
      const detail = 'The account has too many subscriptions';
      throw new Problem(429, 'too-many-streams', { detail, headers: { 'Retry-After': '60' } });
    }
    throw tokenInvalid();
  }

  get reference(): SubscriptionReference {
    if (!this.#reference) throw new Error('there is no subscription yet');
    return this.#reference;
  }

  /** Now and then refreshes it. @returns false when it is no more, or the account is not what it was */
  async keep(now: number): Promise<boolean> {
    return now < this.#refreshAt || (await this.#subscribe(now)) === 'subscribed';
  }

  async end(): Promise<void> {
    await this.#options.backEnd.endSubscriptions([this.reference]);
  }

  async #subscribe(now: number) {
    const { backEnd, holder, event, frontEndId, flow, receivedFrom } = this.#options;
    const { accountId, credentialVersion, user, domain } = holder;
    const uri = `sip:${showAddress(holder)}`;
    const outcome = await backEnd.subscribe({
      ...{ actor: { accountId, credentialVersion }, target: { user, domain }, isList: event === 'presence', event },
      expires: LIFETIME,
      dialog: {
        ...{ callId: this.#callId, remoteTag: this.#remoteTag, localUri: uri, remoteUri: uri },
        ...{ localTarget: uri, remoteTarget: uri, routeSet: [], remoteCseq: ++this.#remoteCseq },
        ...(this.#localTag !== undefined && { localTag: this.#localTag }),
      },
      ...(this.#reference && { subscriptionId: this.#reference.id }),
      place: { frontEndId, transport: 'HTTP', flow, receivedFrom },
      minInterval: MINIMUM_INTERVAL,
    });
    if (outcome.outcome === 'subscribed') {
      this.#reference = { accountId: outcome.accountId, id: outcome.subscriptionId };
      this.#localTag = outcome.localTag;
      this.#refreshAt = now + REFRESH_MS;
    }
    return outcome.outcome;
  }
}
