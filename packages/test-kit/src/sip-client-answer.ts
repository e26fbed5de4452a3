import { readFields } from './sip-client-fields.ts';

/**
 * A response as a plain client reads it. It is taken apart here and not by packages/sip, so that a test sees what is on
 * the wire and not what the product's own parser makes of it.
 */
export interface SipAnswer {
  readonly status: number;
  readonly reason: string;
  /** The whole message. */
  readonly text: string;
  readonly body: string;
  /** The first header field of that name, any case. */
  header(name: string): string | undefined;
  /** Each header field line of that name. */
  headers(name: string): string[];
  readonly contacts: readonly AnsweredContact[];
}

/** One Contact of a 200 to REGISTER. */
export interface AnsweredContact {
  /** What stands in the angle brackets. */
  readonly uri: string;
  /** By lower-case name, quotes taken off; a parameter that stands alone is ''. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly expires: number;
}

export function readAnswer(text: string): SipAnswer {
  const { startLine, body, header, headers } = readFields(text);
  const match = /^SIP\/2\.0 (\d{3}) (.*)$/.exec(startLine);
  if (!match) throw new Error(`not a SIP response: ${text.slice(0, 200)}`);
  return {
    status: Number(match[1]),
    reason: match[2] ?? '',
    text,
    body,
    header,
    headers,
    get contacts() {
      return headers('contact').map(readContact);
    },
  };
}

function readContact(value: string): AnsweredContact {
  const match = /^<([^>]*)>(.*)$/s.exec(value);
  if (!match) throw new Error(`not one Contact in angle brackets: ${value}`);
  const parameters: Record<string, string> = {};
  for (const [, name = '', quoted, token] of (match[2] ?? '').matchAll(
    /;([^;=]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^;]*)))?/g,
  )) {
    parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/gs, '$1') ?? token ?? '';
  }
  return { uri: match[1] ?? '', parameters, expires: Number(parameters.expires) };
}
