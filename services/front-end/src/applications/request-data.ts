import { type Flow, from, Headers, parseUri, SipParseError, type SipRequest, to } from '@rollcall/sip';
import type { ApplicationRequest } from './application.ts';

/** A request as it is handed to the thread of an application: plain data. */
export type RequestData = Omit<ApplicationRequest, 'header' | 'text'>;

/** @param sender `user@domain`, proven */
export function requestData(
  request: SipRequest,
  flow: Pick<Flow, 'transport' | 'remote'>,
  sender: string | undefined,
): RequestData {
  const toHeader = to(request);
  return {
    method: request.method,
    uri: request.uri,
    target: addressOf(request.uri),
    from: from(request).uri,
    to: toHeader.uri,
    sender,
    callId: request.headers.get('Call-ID') ?? '',
    inDialog: toHeader.parameters.has('tag'),
    headers: [...request.headers],
    contentType: request.headers.get('Content-Type')?.replace(/;.*/, '').trim().toLowerCase(),
    body: Uint8Array.from(request.body),
    flow: { transport: flow.transport, address: flow.remote.address, port: flow.remote.port },
  };
}

/** What the application gets: whatever it does to it stays with it. */
export function requestView(data: RequestData): ApplicationRequest {
  const headers = new Headers(data.headers);
  const text = Buffer.from(data.body).toString();
  return Object.freeze({
    ...data,
    headers: Object.freeze(data.headers.map((line) => Object.freeze(line))),
    flow: Object.freeze(data.flow),
    header: (name: string) => headers.get(String(name)),
    text,
  });
}

/** `user@host`; undefined when the URI names no user. */
function addressOf(uri: string): string | undefined {
  try {
    const parsed = parseUri(uri);
    return parsed.kind === 'sip' && parsed.user ? `${parsed.user}@${parsed.host}` : undefined;
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}
