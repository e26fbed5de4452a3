import type { Answer } from './answer.ts';
import type { Requester } from './requester.ts';

export interface RequestOptions {
  method: string;
  uri: string;
  user: string;
  domain: string;
  /** Default: one of its own. */
  callId?: string;
  cseq?: number;
  /** More header field lines. */
  headers?: readonly string[];
}

let made = 0;

/** Sends a request from and to `user`, outside of any dialog. */
export function request(requester: Requester, options: RequestOptions): Promise<Answer> {
  made += 1;
  const { method, uri, user, domain, cseq = 1, headers = [] } = options;
  const { callId = `${process.pid}-${made}@phones.invalid` } = options;
  return requester.request((via) =>
    [
      `${method} ${uri} SIP/2.0`,
      `Via: ${via}`,
      'Max-Forwards: 70',
      `From: <sip:${user}@${domain}>;tag=${user}-1`,
      `To: <sip:${user}@${domain}>`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq} ${method}`,
      ...headers,
      'Content-Length: 0',
      '\r\n',
    ].join('\r\n'),
  );
}
