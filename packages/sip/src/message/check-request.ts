import type { SipRequest } from './message.ts';
import { SipParseError } from './parse-error.ts';
import {
  callId,
  contacts,
  cseq,
  expires,
  from,
  maxForwards,
  recordRoutes,
  requestUri,
  routes,
  to,
  tokens,
  vias,
} from './readers.ts';
import { parseUri } from './uri.ts';

/** Why a request is refused. `headers` belong into the response. */
export interface Refusal {
  status: number;
  reason: string;
  headers?: [name: string, value: string][];
}

/** What a server takes; what is left out is not checked. */
export interface RequestPolicy {
  /** Methods; others are answered 405. */
  methods?: readonly string[];
  /** Schemes of the Request-URI; others are answered 416. Default sip and sips. */
  schemes?: readonly string[];
  /** Option tags that Require may name; others are answered 420. */
  require?: readonly string[];
  /** Option tags that Proxy-Require may name; others are answered 420. */
  proxyRequire?: readonly string[];
  /** Media types of a body, in lower case; others are answered 415. */
  contentTypes?: readonly string[];
  /** The request would be forwarded: Max-Forwards 0 is answered 483. */
  forwarding?: boolean;
}

const SCHEMES = ['sip', 'sips'];
const SINGLE = ['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards', 'Expires', 'Content-Type'];

/** Whether a request may be taken up, checked in the order of RFC 3261 §8.2 and §16.3; undefined when it may. */
export function checkRequest(request: SipRequest, policy: RequestPolicy = {}): Refusal | undefined {
  const { methods, schemes = SCHEMES, require, proxyRequire, contentTypes, forwarding } = policy;
  try {
    checkSyntax(request);
    if (methods && !methods.includes(request.method)) {
      return { status: 405, reason: 'Method Not Allowed', headers: [['Allow', methods.join(', ')]] };
    }
    // RFC 3261 §8.2.2.1, §16.3 step 2.
    if (!schemes.includes(parseRequestUri(request))) return { status: 416, reason: 'Unsupported URI Scheme' };
    // RFC 3261 §16.3 step 3.
    if (forwarding && maxForwards(request) === 0) return { status: 483, reason: 'Too Many Hops' };
    const unsupported = [
      ...unknownTags(request, 'Require', require),
      ...unknownTags(request, 'Proxy-Require', proxyRequire),
    ];
    if (unsupported.length > 0) {
      return { status: 420, reason: 'Bad Extension', headers: [['Unsupported', unsupported.join(', ')]] };
    }
    if (contentTypes && request.body.length > 0 && !contentTypes.includes(contentType(request))) {
      return { status: 415, reason: 'Unsupported Media Type', headers: [['Accept', contentTypes.join(', ')]] };
    }
    return undefined;
  } catch (error) {
    if (error instanceof SipParseError) return { status: error.status, reason: error.reason };
    throw error;
  }
}

/** RFC 3261 §16.3 step 1: what every element must be able to read, read once; readers keep what they read. */
function checkSyntax(request: SipRequest): void {
  if (vias(request).length === 0) throw new SipParseError('Missing Via');
  from(request);
  const address = to(request);
  callId(request);
  if (cseq(request).method !== request.method) throw new SipParseError('CSeq Method Mismatch');
  // RFC 4475 §3.3.8
  for (const name of SINGLE) if (request.headers.count(name) > 1) throw new SipParseError(`More Than One ${name}`);
  contacts(request);
  routes(request);
  recordRoutes(request);
  maxForwards(request);
  expires(request);
  // RFC 3261 §10.3 step 3: an address of record is a SIP or SIPS URI (RFC 4475 §3.3.4).
  if (request.method === 'REGISTER' && parseUri(address.uri).kind !== 'sip') throw new SipParseError('Malformed To');
}

/** RFC 3261 §19.1.1: a Request-URI has no headers (RFC 4475 §3.1.2.11). */
function parseRequestUri(request: SipRequest): string {
  const uri = requestUri(request);
  if (uri.kind === 'sip' && uri.headers.size > 0) throw new SipParseError('Malformed Request-URI');
  return uri.scheme;
}

/** RFC 3261 §8.2.2.3: ACK and CANCEL are not refused for an extension. */
function unknownTags(request: SipRequest, name: string, known: readonly string[] | undefined): string[] {
  if (!known || request.method === 'ACK' || request.method === 'CANCEL' || !request.headers.has(name)) return [];
  return tokens(request, name).filter((tag) => !known.includes(tag));
}

function contentType(request: SipRequest): string {
  const value = request.headers.get('Content-Type') ?? '';
  const semicolon = value.indexOf(';');
  return (semicolon < 0 ? value : value.slice(0, semicolon)).replace(/[ \t]+/g, '').toLowerCase();
}
