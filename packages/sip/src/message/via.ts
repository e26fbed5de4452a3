import { isTokenCode, parseDigits, skipSpace } from './characters.ts';
import { MAXIMUM_LIST } from './name-addr.ts';
import { Parameters, scanParameters } from './parameters.ts';
import { SipParseError } from './parse-error.ts';

/** One value of Via (RFC 3261 §20.42). */
export interface Via {
  /** `SIP/2.0` */
  protocol: string;
  /** Upper case: UDP, TCP, TLS, WS, WSS, or whatever came. */
  transport: string;
  /** The host of sent-by as it came; an IPv6 address in brackets. */
  host: string;
  port?: number | undefined;
  parameters: Parameters;
  branch?: string | undefined;
  received?: string | undefined;
  /** `true` when the client asks for it (RFC 3581 §3). */
  rport?: string | true | undefined;
}

/** Reads one Via line, which may list several values. @throws SipParseError 400 */
export function parseVias(text: string): Via[] {
  const list: Via[] = [];
  for (const scan = { at: 0 }; ; scan.at++) {
    if (list.length >= MAXIMUM_LIST) throw new SipParseError('Too Many Values');
    list.push(scanVia(text, scan));
    if (scan.at >= text.length) return list;
  }
}

export function formatVia({ protocol, transport, host, port, parameters }: Via): string {
  return `${protocol}/${transport} ${host}${port === undefined ? '' : `:${port}`}${parameters}`;
}

function scanVia(text: string, scan: { at: number }): Via {
  const nameStart = skipSpace(text, scan.at);
  const nameEnd = tokenEnd(text, nameStart);
  const versionStart = afterSlash(text, nameEnd);
  const versionEnd = tokenEnd(text, versionStart);
  const transportStart = afterSlash(text, versionEnd);
  const transportEnd = tokenEnd(text, transportStart);
  const hostStart = skipSpace(text, transportEnd);
  if (hostStart === transportEnd) throw malformed();
  const hostEnd = sentByHostEnd(text, hostStart);
  let next = skipSpace(text, hostEnd);
  let port: number | undefined;
  if (text.charCodeAt(next) === 58) {
    const portStart = skipSpace(text, next + 1);
    next = tokenEnd(text, portStart);
    port = parseDigits(text.slice(portStart, next));
    if (port === undefined || port > 65_535) throw malformed();
  }
  const parameters = new Parameters();
  scan.at = scanParameters(text, next, parameters);
  return {
    protocol: `${text.slice(nameStart, nameEnd)}/${text.slice(versionStart, versionEnd)}`,
    transport: upperCase(text.slice(transportStart, transportEnd)),
    host: text.slice(hostStart, hostEnd),
    port,
    parameters,
    branch: parameters.text('branch'),
    received: parameters.text('received'),
    rport: parameters.get('rport'),
  };
}

/** Asks V8 for the upper case only of what is not: that takes longer than all the rest of a Via. */
function upperCase(transport: string): string {
  return transport === 'UDP' || transport === 'TCP' || transport === 'TLS' ? transport : transport.toUpperCase();
}

function tokenEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length && isTokenCode(text.charCodeAt(at))) at++;
  if (at === start) throw malformed();
  return at;
}

function afterSlash(text: string, at: number): number {
  const slash = skipSpace(text, at);
  if (text.charCodeAt(slash) !== 47) throw malformed();
  return skipSpace(text, slash + 1);
}

function sentByHostEnd(text: string, start: number): number {
  if (text.charCodeAt(start) !== 91) return tokenEnd(text, start);
  const close = text.indexOf(']', start);
  if (close < 0) throw malformed();
  for (let at = start + 1; at < close; at++) if (!isIpv6Code(text.charCodeAt(at))) throw malformed();
  return close + 1;
}

/** Hexadecimal digits, `:`, and `.` for an embedded IPv4 address. */
function isIpv6Code(code: number): boolean {
  return (code >= 48 && code <= 58) || code === 46 || ((code | 32) >= 97 && (code | 32) <= 102);
}

function malformed(): SipParseError {
  return new SipParseError('Malformed Via');
}
