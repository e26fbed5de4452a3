import type { SipAccount } from '@rollcall/test-kit';

export interface HttpAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says, for the test to look at
  body: any;
}

export interface HttpRequest {
  token?: string;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** A front end, or the VIP of a pool. */
export interface HttpServer {
  readonly addresses: { readonly http: string };
}

/** One request to a front end, and its answer. */
export async function call(
  frontEnd: HttpServer,
  methodAndPath: string,
  { token, body, headers = {} }: HttpRequest = {},
): Promise<HttpAnswer> {
  const [method = '', path = ''] = methodAndPath.split(' ');
  const response = await fetch(`http://${frontEnd.addresses.http}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

export interface Session {
  accessToken: string;
  refreshToken: string;
}

export async function signIn(frontEnd: HttpServer, { user, domain, password }: SipAccount): Promise<Session> {
  const answer = await call(frontEnd, 'POST /v1/sessions', { body: { user: `${user}@${domain}`, password } });
  if (answer.status !== 201) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** What an answer that is a problem matches. */
export function problem(name: string, status: number) {
  return { status, body: { type: `urn:rollcall:problem:${name}`, status } };
}
