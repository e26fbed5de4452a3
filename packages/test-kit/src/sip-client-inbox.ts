import { readAnswer, type SipAnswer } from './sip-client-answer.ts';
import type { SipConnection } from './sip-client-connection.ts';
import { readReceived, type SipReceived } from './sip-client-received.ts';

/** Messages that have come and nobody has taken yet. */
export class Inbox {
  readonly #answers = new Waiting<SipAnswer>('answer', ({ status, reason }) => `${status} ${reason}`);
  readonly #requests = new Waiting<SipReceived>('request', ({ method, uri }) => `${method} ${uri}`);

  put(text: string): void {
    if (text.startsWith('SIP/2.0 ')) this.#answers.put(readAnswer(text));
    else this.#requests.put(readReceived(text));
  }

  /** What a connection lets its client read. */
  get reading(): Pick<SipConnection, 'next' | 'collect' | 'nextRequest' | 'takeRequests' | 'onRequest'> {
    return {
      next: (matches, ms) => this.#answers.next(matches, ms),
      collect: async (ms) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        return this.#answers.take();
      },
      nextRequest: (matches, ms) => this.#requests.next(matches, ms),
      takeRequests: () => this.#requests.take(),
      onRequest: (take) => this.#requests.giveTo(take),
    };
  }
}

class Waiting<Message> {
  readonly #what: string;
  readonly #describe: (message: Message) => string;
  readonly #messages: Message[] = [];
  readonly #looking = new Set<() => void>();
  #taker: ((message: Message) => void) | undefined;

  constructor(what: string, describe: (message: Message) => string) {
    this.#what = what;
    this.#describe = describe;
  }

  put(message: Message): void {
    if (this.#taker) {
      this.#taker(message);
      return;
    }
    this.#messages.push(message);
    for (const look of this.#looking) look();
  }

  take(): Message[] {
    return this.#messages.splice(0);
  }

  giveTo(taker: (message: Message) => void): void {
    this.#taker = taker;
    for (const message of this.take()) taker(message);
  }

  next(matches: (message: Message) => boolean = () => true, ms = 5000): Promise<Message> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const at = this.#messages.findIndex(matches);
        if (at < 0) return;
        end();
        resolve(this.#messages.splice(at, 1)[0]!);
      };
      const timer = setTimeout(() => {
        end();
        const came = this.#messages.map(this.#describe).join(', ') || 'nothing';
        reject(new Error(`no such ${this.#what} in ${ms} ms; what came: ${came}`));
      }, ms);
      const end = () => {
        clearTimeout(timer);
        this.#looking.delete(look);
      };
      this.#looking.add(look);
      look();
    });
  }
}
