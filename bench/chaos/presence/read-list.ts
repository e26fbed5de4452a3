import type { SipReceived } from '@rollcall/test-kit';
import type { Name } from './model.ts';
import { readShown, type Shown } from './shown.ts';

export interface ReceivedList {
  version: number;
  /** All there are, and not only those that have changed. */
  full: boolean;
  resources: Map<Name, Shown>;
}

/** Reads the notification of a list (RFC 4662) with a few patterns. @throws when it is none */
export function readList(request: SipReceived): ReceivedList {
  const boundary = /;boundary="?([^";]+)"?/.exec(request.header('Content-Type') ?? '')?.[1];
  if (boundary === undefined) throw new Error(`no list: ${request.text.slice(0, 500)}`);
  const parts = new Map<string, string>();
  let meta = '';
  for (const part of request.body.split(`--${boundary}`).slice(1, -1)) {
    const end = part.indexOf('\r\n\r\n');
    const [head, body] = [part.slice(0, end), part.slice(end + 4)];
    if (/application\/rlmi\+xml/.test(head)) meta = body;
    else parts.set(/Content-ID: <([^>]*)>/.exec(head)?.[1] ?? '', body);
  }
  const [, version, full] = /<list [^>]*version="(\d+)" fullState="(\w+)"/.exec(meta) ?? [];
  if (version === undefined) throw new Error(`no list: ${request.body.slice(0, 500)}`);
  const resources = new Map<Name, Shown>();
  for (const [, uri = '', content = ''] of meta.matchAll(/<resource uri="sip:([^"]*)">(.*?)<\/resource>/gs)) {
    const part = parts.get(/ cid="([^"]*)"/.exec(content)?.[1] ?? '');
    if (part === undefined) throw new Error(`nothing about ${uri} in: ${request.body.slice(0, 2000)}`);
    if (resources.has(uri)) throw new Error(`${uri} twice in: ${meta}`);
    resources.set(uri, readShown(part));
  }
  return { version: Number(version), full: full === 'true', resources };
}
