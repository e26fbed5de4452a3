import type { BindingChange } from '@rollcall/back-end';
import {
  bindingKey,
  contacts,
  expires,
  formatNameAddr,
  type NameAddr,
  parseUri,
  path,
  type SipRequest,
  type SipResponse,
  tokens,
  vias,
} from '@rollcall/sip';
import type { FrontEndSettings } from '../settings.ts';
import { answer } from './answer.ts';

/** What a REGISTER asks for, RFC 3261 §10.3 steps 6 and 7; no change and no removal is a query. */
export type RequestedBindings =
  | { kind: 'bindings'; removeAll: boolean; changes: BindingChange[]; outbound: boolean }
  | { kind: 'refused'; response: SipResponse };

type Bounds = Pick<FrontEndSettings, 'minExpires' | 'maxExpires' | 'defaultExpires'>;

/** Reads the Contact header fields of a REGISTER; `transport` is that of the flow it came on. */
export function requestedBindings(request: SipRequest, bounds: Bounds, transport: string): RequestedBindings {
  const requested = contacts(request);
  const expiry = expires(request);

  // RFC 3261 §10.3 step 6: `*` goes with Expires: 0 and nothing else.
  if (requested === '*') {
    if (expiry !== 0) return refused(answer(request, 400, [], 'Contact * Without Expires 0'));
    return { kind: 'bindings', removeAll: true, changes: [], outbound: false };
  }

  const paths = path(request).map(formatNameAddr);
  const outboundWanted = tokens(request, 'Supported').some((tag) => tag.toLowerCase() === 'outbound');
  const changes: BindingChange[] = [];
  for (const contact of requested) {
    const seconds = requestedExpiry(contact, expiry, bounds);
    // RFC 3261 §10.3 step 7: too brief is refused, 0 removes.
    if (seconds > 0 && seconds < bounds.minExpires) {
      return refused(answer(request, 423, [['Min-Expires', String(bounds.minExpires)]]));
    }
    changes.push(bindingChange(contact, seconds, paths, transport));
  }

  // RFC 5626 §6: one flow a request, and an edge proxy on the way must have kept it.
  const flows = changes.filter((change) => change.regId !== undefined);
  if (flows.filter((change) => change.expires > 0).length > 1) {
    return refused(answer(request, 400, [], 'More Than One reg-id'));
  }
  const outbound = outboundWanted && flows.length > 0;
  if (outbound && vias(request).length > 1 && !firstHopIsOutbound(request)) {
    return refused(answer(request, 439));
  }
  if (!outbound) for (const change of flows) delete change.regId;
  return { kind: 'bindings', removeAll: false, changes, outbound };
}

function refused(response: SipResponse): RequestedBindings {
  return { kind: 'refused', response };
}

/** Seconds: the contact's own, else the request's, else the default; a malformed one counts as the longest. */
function requestedExpiry(contact: NameAddr, expiry: number | undefined, bounds: Bounds): number {
  const own = contact.parameters.get('expires');
  if (own === undefined) return Math.min(expiry ?? bounds.defaultExpires, bounds.maxExpires);
  // RFC 3261 §10.2.1.1: malformed is 3600, and what does not fit 32 bits is malformed.
  const seconds = typeof own === 'string' && /^\d{1,10}$/.test(own) ? Number(own) : 3600;
  return Math.min(seconds, bounds.maxExpires);
}

function bindingChange(contact: NameAddr, seconds: number, paths: string[], transport: string): BindingChange {
  const { parameters } = contact;
  const instance = text(parameters.get('+sip.instance'));
  const regId = text(parameters.get('reg-id'));
  const q = text(parameters.get('q'));
  return {
    key: bindingKey(contact.uri),
    uri: contact.uri,
    expires: seconds,
    ...(q !== undefined && /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q) && { q: Math.round(Number(q) * 1000) }),
    ...(instance !== undefined && { instance }),
    // RFC 5626 §6: a reg-id means nothing without an instance.
    ...(instance !== undefined && isRegId(regId) && { regId: Number(regId) }),
    path: paths,
    transport,
    parameters: echoed(contact),
  };
}

function text(value: string | true | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** RFC 5626 §4.2: 1 to 2^31-1. */
function isRegId(text: string | undefined): boolean {
  return text !== undefined && /^[1-9]\d{0,9}$/.test(text) && Number(text) <= 0x7fff_ffff;
}

/** The Contact parameters that the answer repeats as they came: all but those that the registrar writes itself. */
function echoed({ parameters }: NameAddr): string {
  const own = new Set(['expires', 'q', '+sip.instance', 'reg-id', 'pub-gruu', 'temp-gruu']);
  let text = '';
  for (const [name, value] of parameters.entries()) {
    if (!own.has(name.toLowerCase())) text += value === true ? `;${name}` : `;${name}=${value}`;
  }
  return text;
}

/** RFC 5626 §6: the first hop, that is the last Path value, carries `ob`. */
function firstHopIsOutbound(request: SipRequest): boolean {
  const first = path(request).at(-1);
  if (!first) return false;
  const uri = parseUri(first.uri);
  return uri.kind === 'sip' && uri.parameters.has('ob');
}
