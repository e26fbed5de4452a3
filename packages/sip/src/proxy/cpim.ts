import { isUtf8 } from 'node:buffer';
import { isToken, SipParseError } from '../message/index.ts';

/** One header field of a CPIM message (RFC 3862 §2.1). */
export interface CpimHeader {
  /** Case-sensitive, with its prefix, if any: `imdn.Message-ID`. */
  name: string;
  /** As they came: `;lang=fr`, or ''. */
  parameters: string;
  /** As it came, with its escapes: `cpimText` takes them off. */
  value: string;
}

/** What a body of type message/cpim holds (RFC 3862): who to whom, and a MIME body part. */
export interface CpimMessage {
  headers: CpimHeader[];
  /** Content-Type and its like, of the body part. */
  contentHeaders: [name: string, value: string][];
  body: Buffer;
}

const MAXIMUM_HEADERS = 64;
/** Of all header fields, in bytes. */
const MAXIMUM_HEAD = 16_384;

/** Reads `message/cpim`. Lines may end with a lone LF. @throws SipParseError 400, and nothing else */
export function parseCpim(bytes: Buffer): CpimMessage {
  const scan = { bytes, at: 0, lines: 0 };
  const headers: CpimHeader[] = [];
  for (let line = readLine(scan); line !== ''; line = readLine(scan)) headers.push(parseHeader(line));
  const contentHeaders: [string, string][] = [];
  for (let line = readContentLine(scan); line !== ''; line = readContentLine(scan)) {
    const colon = line.indexOf(':');
    if (!isToken(line.slice(0, Math.max(colon, 0)))) throw malformed();
    contentHeaders.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return { headers, contentHeaders, body: bytes.subarray(scan.at) };
}

export function formatCpim({ headers, contentHeaders, body }: CpimMessage): Buffer {
  let head = '';
  for (const { name, parameters, value } of headers) head += `${name}:${parameters} ${value}\r\n`;
  head += '\r\n';
  for (const [name, value] of contentHeaders) head += `${name}: ${value}\r\n`;
  return Buffer.concat([Buffer.from(`${head}\r\n`), body]);
}

/** Whether a Content-Type says that the body is a CPIM message. */
export function isCpim(contentType: string | undefined): boolean {
  return contentType !== undefined && /^\s*message\/cpim\s*(;|$)/i.test(contentType);
}

/** A header field of the body part, such as Content-Type. */
export function cpimContentHeader({ contentHeaders }: CpimMessage, name: string): string | undefined {
  return contentHeaders.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
}

/** The value of the first header field of that name, escapes taken off. @throws SipParseError 400 */
export function cpimText({ headers }: CpimMessage, name: string): string | undefined {
  const header = headers.find((each) => each.name === name);
  return header && withoutEscapes(header.value);
}

/** The addresses of From, To, cc and their like: `Name <uri>` or `"Name" <uri>`. @throws SipParseError 400 */
export function cpimAddresses(
  { headers }: CpimMessage,
  name: string,
): { displayName: string | undefined; uri: string }[] {
  return headers.filter((each) => each.name === name).map(({ value }) => parseAddress(value));
}

/** A header field of a text, which is escaped. */
export function cpimHeader(name: string, text: string): CpimHeader {
  return { name, parameters: '', value: withEscapes(text) };
}

/** A header field of an address. */
export function cpimAddressHeader(name: string, uri: string, displayName?: string): CpimHeader {
  const formal = displayName === undefined ? '' : `"${withEscapes(displayName).replaceAll('"', '\\"')}" `;
  return { name, parameters: '', value: `${formal}<${uri.replace(/[\s<>\p{Cc}]+/gu, encodeURIComponent)}>` };
}

/** The next line without its end; a message that ends before its empty line is malformed. */
function readLine(scan: { bytes: Buffer; at: number; lines: number }): string {
  const end = scan.bytes.indexOf(10, scan.at);
  if (end < 0 || end >= MAXIMUM_HEAD || ++scan.lines > MAXIMUM_HEADERS) throw malformed();
  const line = scan.bytes.subarray(scan.at, scan.bytes[end - 1] === 13 && end > scan.at ? end - 1 : end);
  if (!isUtf8(line)) throw malformed();
  scan.at = end + 1;
  return line.toString();
}

/** MIME lets a header field go on in the next line (RFC 5322 §2.2.3); CPIM's own do not. */
function readContentLine(scan: { bytes: Buffer; at: number; lines: number }): string {
  let line = readLine(scan);
  if (line === '') return line;
  while (scan.bytes[scan.at] === 32 || scan.bytes[scan.at] === 9) line += ` ${readLine(scan).trim()}`;
  return line;
}

/** `Name:;parameter=value Value`, one space before the value. */
function parseHeader(line: string): CpimHeader {
  const match = /^([^\s:;]+):((?:;[^\s;="]+=(?:"(?:[^"\\]|\\.)*"|[^\s;"]*))*)(?: (.*))?$/su.exec(line);
  if (!match || !isToken(match[1]!)) throw malformed();
  return { name: match[1]!, parameters: match[2]!, value: match[3] ?? '' };
}

function parseAddress(value: string): { displayName: string | undefined; uri: string } {
  const open = value.lastIndexOf('<');
  const uri = value.slice(open + 1, -1);
  if (open < 0 || !value.endsWith('>') || !/^[A-Za-z][\w+.-]*:[^\s<>"]+$/.test(uri)) throw malformed();
  const formal = value.slice(0, open).trim();
  if (formal === '') return { displayName: undefined, uri };
  const quoted = formal.length > 1 && formal.startsWith('"') && formal.endsWith('"');
  return { displayName: withoutEscapes(quoted ? formal.slice(1, -1) : formal), uri };
}

const ESCAPED: Readonly<Record<string, string>> = {
  b: '\b',
  t: '\t',
  n: '\n',
  r: '\r',
  '"': '"',
  "'": "'",
  '\\': '\\',
};

/** RFC 3862 §3.2 */
function withoutEscapes(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:u([0-9A-Fa-f]{4})|(.?))/gsu, (_, code: string | undefined, letter: string) => {
    const character = code === undefined ? ESCAPED[letter] : String.fromCharCode(Number.parseInt(code, 16));
    if (character === undefined) throw malformed();
    return character;
  });
}

function withEscapes(text: string): string {
  return text.toWellFormed().replace(/[\\\p{Cc}]/gu, (character) => {
    const letter = Object.keys(ESCAPED).find((key) => ESCAPED[key] === character);
    return letter === undefined ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : `\\${letter}`;
  });
}

function malformed(): SipParseError {
  return new SipParseError('Malformed CPIM');
}
