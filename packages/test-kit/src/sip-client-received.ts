import { readFields } from './sip-client-fields.ts';

/** A request as it came to a plain client, read as SipAnswer reads responses. */
export interface SipReceived {
  readonly method: string;
  readonly uri: string;
  /** The whole message. */
  readonly text: string;
  readonly body: string;
  /** The first header field of that name, any case. */
  header(name: string): string | undefined;
  /** Each header field line of that name. */
  headers(name: string): string[];
}

/** What a response says; whatever is left out is what an ordinary softphone would send. */
export interface SipAnswerOptions {
  /** Default 200. */
  status?: number;
  reason?: string;
  /** Put on To when it has none; default: the client's. */
  tag?: string;
  headers?: readonly (readonly [name: string, value: string])[];
  body?: string;
}

export function readReceived(text: string): SipReceived {
  const { startLine, body, header, headers } = readFields(text);
  const match = /^(\S+) (\S+) SIP\/2\.0$/.exec(startLine);
  if (!match) throw new Error(`not a SIP request: ${text.slice(0, 200)}`);
  return { method: match[1]!, uri: match[2]!, text, body, header, headers };
}

/** What is the same in a request and in its retransmissions. */
export function transactionOf(request: SipReceived): string {
  return `${request.method} ${/;branch=([^;,\s]+)/.exec(request.header('Via') ?? '')?.[1]}`;
}

/** The text of a response (RFC 3261 §8.2.6.2). */
export function formatAnswer(request: SipReceived, options: SipAnswerOptions): string {
  const { status = 200, body = '', tag } = options;
  const to = request.header('To') ?? '';
  const copied = ['Via', 'Record-Route'].flatMap((name) => request.headers(name).map((value) => `${name}: ${value}`));
  const lines = [
    `SIP/2.0 ${status} ${options.reason ?? REASONS[status] ?? 'Because'}`,
    ...copied,
    `From: ${request.header('From')}`,
    `To: ${status === 100 || tag === undefined || /;tag=/.test(to) ? to : `${to};tag=${tag}`}`,
    `Call-ID: ${request.header('Call-ID')}`,
    `CSeq: ${request.header('CSeq')}`,
    ...(options.headers ?? []).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

const REASONS: Readonly<Record<number, string>> = {
  ...{ 100: 'Trying', 180: 'Ringing', 183: 'Session Progress', 200: 'OK', 202: 'Accepted', 404: 'Not Found' },
  ...{ 408: 'Request Timeout', 480: 'Temporarily Unavailable', 486: 'Busy Here', 487: 'Request Terminated' },
  ...{ 488: 'Not Acceptable Here', 500: 'Server Internal Error', 603: 'Decline' },
};
