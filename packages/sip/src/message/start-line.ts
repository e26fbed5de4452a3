import { isDigitCode, isToken } from './characters.ts';
import type { Headers } from './headers.ts';
import type { SipMessage } from './message.ts';

/** Why a message is refused, and how a request with that fault is answered. */
export interface Fault {
  status: number;
  reason: string;
}

interface StartLine {
  /** The message, as far as its start line can be read; undefined when it is not known what it is. */
  message: SipMessage | undefined;
  fault: Fault | undefined;
}

/** Reads a Request-Line or a Status-Line (RFC 3261 §7.1, §7.2). */
export function parseStartLine(line: string, headers: Headers, body: Buffer): StartLine {
  return isStatusLine(line) ? parseStatusLine(line, headers, body) : parseRequestLine(line, headers, body);
}

function parseRequestLine(line: string, headers: Headers, body: Buffer): StartLine {
  // One SP between the parts and none elsewhere (RFC 4475 §3.1.2.8 to §3.1.2.10).
  const first = line.indexOf(' ');
  const last = line.lastIndexOf(' ');
  const method = first < 0 ? line : line.slice(0, first);
  if (!isToken(method)) return { message: undefined, fault: malformed('Request-Line') };
  const uri = last > first ? line.slice(first + 1, last) : '';
  const message: SipMessage = { kind: 'request', method, uri, headers, body, parsedUri: undefined };
  if (last > first && line.startsWith('SIP/2.0', last + 1) && line.length === last + 8 && isUriText(uri)) {
    return { message, fault: undefined };
  }
  const version = line.slice(last + 1).toUpperCase();
  if (!isUriText(uri) || !isVersion(version)) return { message, fault: malformed('Request-Line') };
  return { message, fault: version === 'SIP/2.0' ? undefined : { status: 505, reason: 'Version Not Supported' } };
}

function parseStatusLine(line: string, headers: Headers, body: Buffer): StartLine {
  const match = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/is.exec(line);
  if (!match) return { message: undefined, fault: malformed('Status-Line') };
  const message: SipMessage = { kind: 'response', status: Number(match[1]), reason: match[2] ?? '', headers, body };
  return { message, fault: undefined };
}

function isStatusLine(line: string): boolean {
  return line.charCodeAt(3) === 47 && line.slice(0, 4).toUpperCase() === 'SIP/';
}

/** Not empty, and without white space, control characters and `<`, `>`, `"` (RFC 4475 §3.1.2.7). */
function isUriText(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === 60 || code === 62 || code === 34 || code === 127) return false;
  }
  return text.length > 0;
}

/** `SIP/` digits `.` digits */
function isVersion(text: string): boolean {
  const dot = text.indexOf('.');
  if (!text.startsWith('SIP/') || dot < 5 || dot === text.length - 1) return false;
  for (let at = 4; at < text.length; at++) if (at !== dot && !isDigitCode(text.charCodeAt(at))) return false;
  return true;
}

function malformed(what: string): Fault {
  return { status: 400, reason: `Malformed ${what}` };
}
