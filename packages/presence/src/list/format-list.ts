import { attribute, escapeAttribute, escapeText, XML_DECLARATION } from '../xml/write-xml.ts';

export const RLMI_TYPE = 'application/rlmi+xml';

export interface ListResource {
  uri: string;
  name?: string;
  /** Of its instance, and with `@` and the list's host behind it the Content-ID of its part: token characters only, unique in the list. */
  cid: string;
  instanceState: 'active' | 'pending' | 'terminated';
  /** Why it is terminated: RFC 6665's reasons, e.g. `noresource`, `rejected`. */
  reason?: string;
  /** Absent: the list says nothing about its state but `instanceState`. */
  body?: string;
  /** Absent: application/pidf+xml. */
  contentType?: string;
}

export interface ListNotification {
  /** Of the list: `sip:…`. */
  uri: string;
  version: number;
  fullState: boolean;
  resources: readonly ListResource[];
}

/** A body of multipart/related with RLMI as its root (RFC 4662 §5). `contentType` names the boundary. */
export function formatList(list: ListNotification, boundary: string): { contentType: string; body: Buffer } {
  const host = hostOf(list.uri);
  const root = `<rlmi@${host}>`;
  let meta = `${XML_DECLARATION}<list xmlns="urn:ietf:params:xml:ns:rlmi" uri="${escapeAttribute(list.uri)}" version="${list.version}" fullState="${list.fullState}">`;
  let parts = '';
  for (const resource of list.resources) {
    meta += formatResource(resource, host);
    if (resource.body === undefined) continue;
    parts += formatPart(
      boundary,
      `<${resource.cid}@${host}>`,
      resource.contentType ?? 'application/pidf+xml',
      resource.body,
    );
  }
  const text = `${formatPart(boundary, root, `${RLMI_TYPE};charset="UTF-8"`, `${meta}</list>\n`)}${parts}--${boundary}--\r\n`;
  return {
    contentType: `multipart/related;type="${RLMI_TYPE}";start="${root}";boundary="${boundary}"`,
    body: Buffer.from(text, 'utf8'),
  };
}

function formatResource({ uri, name, cid, instanceState, reason, body }: ListResource, host: string): string {
  return (
    `<resource uri="${escapeAttribute(uri)}">` +
    (name === undefined ? '' : `<name>${escapeText(name)}</name>`) +
    `<instance id="${cid}" state="${instanceState}"${attribute('reason', reason)}` +
    `${body === undefined ? '' : ` cid="${cid}@${host}"`}/></resource>`
  );
}

function formatPart(boundary: string, id: string, type: string, body: string): string {
  return `--${boundary}\r\nContent-Transfer-Encoding: binary\r\nContent-ID: ${id}\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`;
}

/** What a Content-ID can have of a URI's host; an IPv6 address has colons and brackets, which it has not. */
function hostOf(uri: string): string {
  const host = /^sips?:(?:[^@]*@)?([^;?:>[\s]+)/i.exec(uri)?.[1];
  return host !== undefined && /^[A-Za-z0-9.-]+$/.test(host) ? host : 'list.invalid';
}
