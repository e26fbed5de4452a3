import { type Answer, header } from './answer.ts';
import { authorization, readChallenge } from './digest.ts';
import { request } from './request.ts';
import type { Requester } from './requester.ts';

export interface PhoneOptions {
  user: string;
  password: string;
  domain: string;
  /** The URI of its Contact header. */
  contact: string;
}

/** One phone of one account. It keeps its Call-ID and counts its CSeq, so that a second registration is a refresh. */
export class Phone {
  readonly options: PhoneOptions;
  #cseq = 0;

  constructor(options: PhoneOptions) {
    this.options = options;
  }

  /** REGISTER, 401, REGISTER with credentials; `expires` 0 takes its binding away. Resolves to the last answer. */
  async register(requester: Requester, expires = 3600): Promise<Answer> {
    const first = await this.#register(requester, expires);
    const challenge = first.status === 401 ? header(first, 'WWW-Authenticate') : undefined;
    if (challenge === undefined) return first;
    const uri = `sip:${this.options.domain}`;
    return this.#register(
      requester,
      expires,
      `Authorization: ${authorization(readChallenge(challenge), this.options, 'REGISTER', uri)}`,
    );
  }

  #register(requester: Requester, expires: number, ...credentials: string[]): Promise<Answer> {
    const { user, domain, contact } = this.options;
    this.#cseq += 1;
    return request(requester, {
      method: 'REGISTER',
      uri: `sip:${domain}`,
      user,
      domain,
      callId: `${user}@phones.invalid`,
      cseq: this.#cseq,
      headers: [`Contact: <${contact}>`, `Expires: ${expires}`, ...credentials],
    });
  }
}
