import { isAscii, isUtf8 } from 'node:buffer';
import { isToken, parseDigits, trimmedSlice } from './characters.ts';
import { registeredName } from './header-names.ts';
import { Headers } from './headers.ts';
import { NO_BODY, type SipMessage } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { parseStartLine } from './start-line.ts';

export interface ParseOptions {
  /** The bytes are one frame of a stream, where Content-Length must be there (RFC 3261 §18.3). */
  stream?: boolean;
  /** The bytes are one message and nothing more, Content-Length or not (RFC 7118 §5.1). */
  whole?: boolean;
}

const MAXIMUM_HEADER_LINES = 256;
/** Of one header field, in characters. */
const MAXIMUM_HEADER_LENGTH = 16_384;

/**
 * Reads one message: its start line, its header field lines, and its body. What the header fields say is left to the
 * readers; only Content-Length is read here. Text that is not UTF-8 is taken for Latin-1.
 * @throws SipParseError with what could be read as `partial`
 */
export function parseMessage(bytes: Buffer, options?: ParseOptions): SipMessage {
  // RFC 3261 §7.5: line ends before the start line are ignored.
  let start = 0;
  while (bytes[start] === 13 || bytes[start] === 10) start++;
  let text = bytes.toString('latin1', start);
  let end = -1;
  const ascii = isAscii(bytes);
  if (!ascii) {
    end = headEnd(text);
    text = decode(bytes.subarray(start, end < 0 ? bytes.length : start + end));
  }

  const headers = new Headers();
  const startLineEnd = lineEnd(text, 0);
  const lines = readHeaderLines(text, startLineEnd + 1, headers);
  if (ascii) end = lines.end;
  let body = NO_BODY;
  let reason = lines.fault;
  if (end < 0) reason ??= 'Incomplete Message';
  else {
    const bodyStart = start + end;
    const length = bodyLength(headers, bytes.length - bodyStart, options);
    if (typeof length === 'string') reason ??= length;
    else if (length > 0) body = bytes.subarray(bodyStart, bodyStart + length);
  }
  const { message, fault } = parseStartLine(trimmedLine(text, startLineEnd), headers, body);
  if (fault) throw new SipParseError(fault.reason, fault.status, message);
  if (reason !== undefined) throw new SipParseError(reason, 400, message);
  return message!;
}

/** The place after the empty line, or -1. Lines may end with a lone LF. */
function headEnd(text: string): number {
  const withCr = text.indexOf('\n\r\n');
  const bare = text.indexOf('\n\n');
  if (bare < 0 || (withCr >= 0 && withCr < bare)) return withCr < 0 ? -1 : withCr + 3;
  return bare + 2;
}

function decode(head: Buffer): string {
  return isUtf8(head) ? head.toString('utf8') : head.toString('latin1');
}

/** The place of the LF, or the end of the text. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function trimmedLine(text: string, end: number): string {
  return text.slice(0, text.charCodeAt(end - 1) === 13 ? end - 1 : end);
}

interface HeaderLines {
  /** The place after the empty line; -1 when there is none. */
  end: number;
  fault: string | undefined;
}

/** Reads header field lines up to the empty one into `headers`. */
function readHeaderLines(text: string, start: number, headers: Headers): HeaderLines {
  let fault: string | undefined;
  let colon = -1;
  for (let at = start, lines = 0; at < text.length; lines++) {
    let end = lineEnd(text, at);
    if (end < text.length && (end === at || (end === at + 1 && text.charCodeAt(at) === 13)))
      return { end: end + 1, fault };
    if (lines === MAXIMUM_HEADER_LINES) return { end: -1, fault: 'Too Many Header Fields' };
    // Looked for only past the last one, so that lines without a colon do not each search all that follows.
    if (colon < at) colon = text.indexOf(':', at);
    if (colon < 0) colon = text.length;
    let value = colon < end ? trimmedSlice(text, colon + 1, end) : '';
    if (isBlank(text, end + 1)) {
      // RFC 3261 §7.3.1: a folded line goes on where the last one ended, with one SP between.
      const parts = [value];
      do {
        const from = end + 1;
        end = lineEnd(text, from);
        parts.push(trimmedSlice(text, from, end));
      } while (isBlank(text, end + 1));
      value = parts.join(' ').trim();
    }
    if (colon >= end) fault ??= 'Malformed Header Field';
    else if (value.length > MAXIMUM_HEADER_LENGTH || value.includes('\r')) fault ??= 'Malformed Header Field';
    else if (!readLine(text, at, colon, value, headers)) fault ??= 'Malformed Header Field Name';
    at = end + 1;
  }
  return { end: -1, fault };
}

function readLine(text: string, at: number, nameEnd: number, value: string, headers: Headers): boolean {
  // RFC 3261 §7.3.1 allows white space before the colon.
  let end = nameEnd;
  while (end > at && (text.charCodeAt(end - 1) === 32 || text.charCodeAt(end - 1) === 9)) end--;
  const name = text.slice(at, end);
  const known = registeredName(name);
  if (known === undefined && !isToken(name)) return false;
  headers.appendLine(name, known, value);
  return true;
}

function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 9;
}

/** RFC 3261 §18.3: Content-Length cuts a datagram, and one that promises more than came is a fault. */
function bodyLength(headers: Headers, rest: number, options: ParseOptions = {}): number | string {
  const value = headers.get('Content-Length');
  if (value === undefined) return options.stream ? 'Missing Content-Length' : rest;
  const length = parseDigits(value);
  if (length === undefined || headers.count('Content-Length') > 1) return 'Malformed Content-Length';
  if (options.whole && length < rest) return 'Content-Length Smaller Than Message';
  return length > rest ? 'Content-Length Larger Than Message' : length;
}
