import { type AccountAddress, readAddress } from '../address.ts';

/** What an XCAP URI names (RFC 4825 §6). */
export interface XcapTarget {
  auid: string;
  /** Whose document; absent: the global one. */
  owner?: AccountAddress;
  /** Behind the user, or behind `global`: `index`. */
  document: string;
  /** The document's URI as it came, without a query. */
  documentUri: string;
  /** What follows `/~~`, still escaped; absent: the whole document. */
  node?: string;
  /** Still escaped. */
  query?: string;
}

export const XCAP_ROOT = '/xcap-root';

/** @param url of the request line. @returns undefined for what can be no document of anybody */
export function readTarget(url: string): XcapTarget | undefined {
  const [path = '', query] = split(url.replace(/^https?:\/\/[^/]*/i, ''), '?');
  const [documentUri = '', node] = split(path, '/~~');
  if (!documentUri.startsWith(`${XCAP_ROOT}/`)) return undefined;
  const parts = unescapeParts(documentUri.slice(XCAP_ROOT.length + 1).split('/'));
  if (!parts) return undefined;
  const [auid = '', tree, ...rest] = parts;
  const where = { documentUri, ...(node !== undefined && { node }), ...(query !== undefined && { query }) };
  if (tree === 'global' && rest.length > 0) return { auid, document: rest.join('/'), ...where };
  const [xui = '', ...names] = rest;
  const owner = readAddress(xui);
  if (tree !== 'users' || !owner || names.length === 0) return undefined;
  return { auid, owner, document: names.join('/'), ...where };
}

/** The first `by` and what is behind it, if it is there. */
function split(text: string, by: string): [string, string?] {
  const at = text.indexOf(by);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + by.length)];
}

function unescapeParts(parts: string[]): string[] | undefined {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
