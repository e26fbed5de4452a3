import { formatOk } from '../load/answer-request.ts';
import { type Line, openTcpLine } from '../load/line.ts';
import { targetOf } from '../load/requester.ts';
import { UserAgent } from '../load/user-agent.ts';
import { passwordOf } from '../relay/accounts.ts';
import { type ListNotification, readListNotification, type ToldState } from './contact-list.ts';

export const DOMAIN = 'pool.test';

export function nameOf(index: number): string {
  return `user${index + 1}`;
}

/** Contacts of user `index`: as many as asked for, all over the pool. */
export function contactsOf(index: number, users: number, contacts: number): number[] {
  const stride = Math.max(1, Math.floor(users / contacts) - 1);
  return Array.from({ length: contacts }, (_, place) => (index + (place + 1) * stride) % users);
}

/** Somebody on TCP who logs on: registers, publishes, and subscribes to the own contact list. */
export class User {
  readonly index: number;
  readonly contacts: readonly User[] = [];
  /** ms of performance.now(); 0: not yet. */
  publishedAt = 0;
  subscribedAt = 0;
  /** When the first notification was there, with all its contacts. */
  toldAt = 0;
  notifications = 0;
  bytes = 0;
  /** What was wrong with what it was told. */
  readonly problems: string[] = [];
  readonly #told = new Map<string, ToldState | undefined>();
  #line: Line | undefined;
  #version = 0;
  #cseq = 0;

  constructor(index: number) {
    this.index = index;
  }

  get uri(): string {
    return `sip:${nameOf(this.index)}@${DOMAIN}`;
  }

  get #note(): string {
    return `desk ${this.index + 1}`;
  }

  get #onThePhone(): boolean {
    return this.index % 3 === 0;
  }

  async logOn(target: string): Promise<void> {
    this.#line = await openTcpLine(targetOf(target), (text, line) => {
      if (text.startsWith('SIP/2.0 ')) agent.receive(text);
      else this.#answer(text, line);
    });
    const user = nameOf(this.index);
    const agent = new UserAgent(this.#line, { user, password: passwordOf(user) }, DOMAIN);
    const contact = `Contact: <${agent.contact}>`;
    const ask = async (method: string, uri: string, headers: string[], body = '') => {
      const answer = await agent.request({ method, uri, headers: [contact, 'Expires: 3600', ...headers], body });
      if (answer.status !== 200) throw new Error(`${method} of ${user}: ${answer.text || answer.status}`);
      return performance.now();
    };
    await ask('REGISTER', `sip:${DOMAIN}`, []);
    const document = ['Event: presence', 'Content-Type: application/pidf+xml'];
    this.publishedAt = await ask('PUBLISH', this.uri, document, this.#pidf());
    this.subscribedAt = performance.now();
    const accept = 'Accept: application/pidf+xml, application/rlmi+xml, multipart/related';
    await ask('SUBSCRIBE', `${this.uri};list=contacts`, ['Event: presence', 'Supported: eventlist', accept]);
  }

  /** It has been told of each contact what that contact has published. */
  knowsAll(): boolean {
    return this.contacts.every((contact) => contact.#isAsPublished(this.#told.get(contact.uri)));
  }

  logOff(): void {
    this.#line?.close();
  }

  #answer(text: string, line: Line): void {
    line.send(formatOk(text, 'NOTIFY', ''));
    if (!text.startsWith('NOTIFY ')) return;
    this.notifications += 1;
    this.bytes += text.length;
    const cseq = Number(/^CSeq: *(\d+)/im.exec(text)?.[1]);
    if (cseq <= this.#cseq) this.problems.push(`CSeq ${cseq} after ${this.#cseq}`);
    this.#cseq = cseq;
    try {
      this.#take(readListNotification(text));
    } catch (error) {
      this.problems.push(String(error));
    }
  }

  #take({ version, fullState, states }: ListNotification): void {
    if (fullState) this.#told.clear();
    // RFC 4662 §5.2: one higher than the one before; a gap is a lost state.
    else if (version !== this.#version + 1) this.problems.push(`version ${version} after ${this.#version}`);
    this.#version = version;
    for (const [uri, state] of states) this.#told.set(uri, state);
    if (this.toldAt > 0) return;
    this.toldAt = performance.now();
    if (!fullState) this.problems.push('the first notification is not the full state');
    if (states.size !== this.contacts.length) this.problems.push(`${states.size} of ${this.contacts.length} contacts`);
    for (const contact of this.contacts) this.#check(contact, states.get(contact.uri));
  }

  /** Who had published before this user subscribed is shown so; who may just have, so or as offline. */
  #check(contact: User, state: ToldState | undefined): void {
    const before = contact.publishedAt > 0 && contact.publishedAt < this.subscribedAt;
    const offline = !before && !state?.open;
    // Registered, and not published yet.
    const plain = !before && state?.open && state.note === undefined && !state.onThePhone;
    if (offline || plain || contact.#isAsPublished(state)) return;
    this.problems.push(`${contact.uri}${before ? ', published before' : ''}: ${JSON.stringify(state)}`);
  }

  #isAsPublished(state: ToldState | undefined): boolean {
    return state?.open === true && state.note === this.#note && state.onThePhone === this.#onThePhone;
  }

  #pidf(): string {
    const activities = this.#onThePhone ? '<rpid:activities><rpid:on-the-phone/></rpid:activities>' : '';
    return (
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"' +
      ` xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="${this.uri}"><tuple id="t1"><status><basic>open</basic></status>` +
      `<contact>${this.uri}</contact><note>${this.#note}</note></tuple><dm:person id="p1">${activities}</dm:person></presence>`
    );
  }
}
