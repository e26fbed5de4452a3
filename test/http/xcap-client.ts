import { createHash } from 'node:crypto';
import type { SipAccount } from '@rollcall/test-kit';
import type { FrontEndPool } from '../front-end-pool.ts';
import type { HttpServer } from './http-client.ts';
import { newcomer } from './newcomer.ts';

export interface XcapAnswer {
  status: number;
  type: string | null;
  etag: string | null;
  text: string;
  headers: Headers;
}

export interface XcapRequest {
  body?: string | Buffer;
  type?: string;
  headers?: Record<string, string>;
}

const LISTS = 'application/resource-lists+xml';
const RULES = 'application/auth-policy+xml';

/** RFC 5025 §9.3: without a prefix names are of pres-rules, which has no `ruleset`. */
export const ruleNode = (id: string) =>
  `cr:ruleset/cr:rule[@id="${id}"]?xmlns(cr=urn:ietf:params:xml:ns:common-policy)`;

/** An XCAP client as phones have it: it answers a Digest challenge, and goes on with its nonce. */
export class XcapClient {
  readonly #account: SipAccount;
  readonly #server: HttpServer;
  #challenge: Map<string, string> | undefined;
  #count = 0;
  /** How often it was challenged. */
  challenges = 0;

  constructor(account: SipAccount, server: HttpServer) {
    this.#account = account;
    this.#server = server;
  }

  /** Of this account, in `auid`. */
  path(auid = 'resource-lists', node = ''): string {
    const { user, domain } = this.#account;
    const selector = node && `/~~/${node.replaceAll('"', '%22').replaceAll('[', '%5B').replaceAll(']', '%5D')}`;
    return `/xcap-root/${auid}/users/sip:${user}@${domain}/index${selector}`;
  }

  get(node = '', { headers = {}, auid = 'resource-lists' }: { headers?: Record<string, string>; auid?: string } = {}) {
    return this.send('GET', this.path(auid, node), { headers });
  }

  putLists(body: string | Buffer, headers: Record<string, string> = {}) {
    return this.send('PUT', this.path(), { body, type: LISTS, headers });
  }

  putRules(body: string | Buffer, headers: Record<string, string> = {}) {
    return this.send('PUT', this.path('pres-rules'), { body, type: RULES, headers });
  }

  putElement(node: string, body: string, headers: Record<string, string> = {}, auid = 'resource-lists') {
    return this.send('PUT', this.path(auid, node), { body, type: 'application/xcap-el+xml', headers });
  }

  putAttribute(node: string, body: string, headers: Record<string, string> = {}) {
    return this.send('PUT', this.path('resource-lists', node), { body, type: 'application/xcap-att+xml', headers });
  }

  delete(node = '', headers: Record<string, string> = {}, auid = 'resource-lists') {
    return this.send('DELETE', this.path(auid, node), { headers });
  }

  async send(method: string, path: string, request: XcapRequest = {}): Promise<XcapAnswer> {
    const first = await this.#once(method, path, request);
    const challenge = first.headers.get('www-authenticate');
    if (first.status !== 401 || !challenge) return first;
    this.challenges += 1;
    this.#challenge = new Map(
      [...challenge.matchAll(/(\w+)=(?:"([^"]*)"|([^,\s]+))/g)].map(([, k, q, t]) => [k!, q ?? t!]),
    );
    this.#count = 0;
    return this.#once(method, path, request);
  }

  async #once(method: string, path: string, { body, type, headers = {} }: XcapRequest): Promise<XcapAnswer> {
    const response = await fetch(`http://${this.#server.addresses.http}${path}`, {
      method,
      headers: {
        ...(this.#challenge && { authorization: this.authorization(method, path) }),
        ...(type !== undefined && { 'content-type': type }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const [contentType, etag] = [response.headers.get('content-type'), response.headers.get('etag')];
    return { status: response.status, type: contentType, etag, text, headers: response.headers };
  }

  /** RFC 7616 §3.4.1, MD5 with qop=auth. `uri`: as it is digested. */
  authorization(method: string, uri: string): string {
    const { user, password } = this.#account;
    const realm = this.#challenge?.get('realm') ?? '';
    const nonce = this.#challenge?.get('nonce') ?? '';
    const nc = String(++this.#count).padStart(8, '0');
    const md5 = (text: string) => createHash('md5').update(text).digest('hex');
    const ha2 = md5(`${method}:${uri}`);
    const response = md5(`${md5(`${user}:${realm}:${password}`)}:${nonce}:${nc}:c:auth:${ha2}`);
    const fields = { username: user, realm, nonce, uri, response, cnonce: 'c' };
    const quoted = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
    return `Digest ${quoted.join(', ')}, algorithm=MD5, qop=auth, nc=${nc}`;
  }
}

/** Somebody with an XCAP client. `contacts`: as /v1/contacts has them. */
export async function xcapUser(pool: FrontEndPool) {
  const { account, token, ask } = await newcomer(pool);
  const contacts = async () => (await ask('GET /v1/contacts')).body;
  return { account, token, client: new XcapClient(account, pool.frontEnd), contacts };
}
