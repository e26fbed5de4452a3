import type { BindingChange } from '@rollcall/back-end';
import {
  bindingKey,
  contactExpires,
  contactPriority,
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

/** All endpoints of an account have to fit into one answer, and that into one datagram. */
const CONTACT_CHARACTERS = 4096;

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
    if (contact.uri.length + contact.parameters.toString().length > CONTACT_CHARACTERS) {
      return refused(answer(request, 400, [], 'Contact Too Long'));
    }
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

/** Seconds: the contact's own, else the request's, else the default, and no more than the most. */
function requestedExpiry(contact: NameAddr, expiry: number | undefined, bounds: Bounds): number {
  return Math.min(contactExpires(contact) ?? expiry ?? bounds.defaultExpires, bounds.maxExpires);
}

function bindingChange(contact: NameAddr, seconds: number, paths: string[], transport: string): BindingChange {
  const instance = text(contact.parameters.get('+sip.instance'));
  const regId = text(contact.parameters.get('reg-id'));
  const q = contactPriority(contact);
  return {
    key: bindingKey(contact.uri),
    uri: contact.uri,
    expires: seconds,
    ...(q !== undefined && { q }),
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
