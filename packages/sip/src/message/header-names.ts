/** Header fields in the spelling that goes out, with their compact forms (RFC 3261 §7.3.3 and the IANA registry). */
const COMPACT_FORMS: Readonly<Record<string, string>> = {
  'Accept-Contact': 'a',
  'Allow-Events': 'u',
  'Call-ID': 'i',
  Contact: 'm',
  'Content-Encoding': 'e',
  'Content-Length': 'l',
  'Content-Type': 'c',
  Event: 'o',
  From: 'f',
  Identity: 'y',
  'Refer-To': 'r',
  'Referred-By': 'b',
  'Reject-Contact': 'j',
  'Request-Disposition': 'd',
  'Session-Expires': 'x',
  Subject: 's',
  Supported: 'k',
  To: 't',
  Via: 'v',
};

const LONG_FORMS_ONLY = `Accept, Accept-Encoding, Accept-Language, Alert-Info, Allow, Authentication-Info, Authorization,
  Call-Info, Content-Disposition, Content-ID, Content-Language, CSeq, Date, Error-Info, Expires, Flow-Timer,
  History-Info, In-Reply-To, Join, Max-Breadth, Max-Forwards, MIME-Version, Min-Expires, Min-SE, Organization,
  P-Access-Network-Info, P-Asserted-Identity, P-Associated-URI, P-Called-Party-ID, P-Charging-Vector,
  P-Preferred-Identity, Path, Priority, Privacy, Proxy-Authenticate, Proxy-Authorization, Proxy-Require, RAck, Reason,
  Record-Route, Refer-Sub, Replaces, Reply-To, Require, Retry-After, Route, RSeq, Security-Client, Security-Server,
  Security-Verify, Server, Service-Route, SIP-ETag, SIP-If-Match, Subscription-State, Target-Dialog, Timestamp,
  Unsupported, User-Agent, Warning, WWW-Authenticate`;

// Names in the registered spelling, by their length and first letter: comparing with the few that can be meant is
// cheaper than hashing a name that was just cut out of a message.
const candidates: (readonly string[] | undefined)[] = new Array(32 * 32).fill(undefined);
const otherSpellings = new Map<string, string>();
for (const name of [...Object.keys(COMPACT_FORMS), ...LONG_FORMS_ONLY.split(/,\s+/)]) {
  const place = placeOf(name);
  candidates[place] = [...(candidates[place] ?? []), name];
  otherSpellings.set(name.toLowerCase(), name);
  if (COMPACT_FORMS[name]) otherSpellings.set(COMPACT_FORMS[name], name);
}

/** The registered spelling of a header field that is known, in any case or in its compact form. */
export function registeredName(name: string): string | undefined {
  const possible = candidates[placeOf(name)];
  if (possible) for (const candidate of possible) if (candidate === name) return candidate;
  return otherSpellings.get(name) ?? otherSpellings.get(name.toLowerCase());
}

/** What header field names compare by: the registered spelling, or lower case for a name that is not known. */
export function headerKey(name: string): string {
  return registeredName(name) ?? name.toLowerCase();
}

function placeOf(name: string): number {
  return name.length > 31 ? 0 : (name.length << 5) | (name.charCodeAt(0) & 31);
}
