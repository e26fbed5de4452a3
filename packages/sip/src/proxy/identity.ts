import {
  formatNameAddr,
  type NameAddr,
  nameAddrs,
  Parameters,
  type Refusal,
  type SipRequest,
} from '../message/index.ts';

/** Header fields that do not pass from a client: what it asserts counts for nothing (RFC 3325 §5, §9.1, §9.2). */
export const CLIENT_IDENTITY_HEADERS = ['P-Asserted-Identity', 'P-Preferred-Identity'] as const;

/**
 * `id` is what is done here (RFC 3325 §9.3); nothing needs to be done for the others. Not: `header`, `session`, `user`
 * (RFC 3323 §5) and `history` (RFC 7044), which would take a server that stands between the two for the whole dialog.
 */
const GIVEN = new Set(['none', 'id', 'critical']);

const NONE: ReadonlySet<string> = new Set();

/** The values of Privacy, in lower case (RFC 3323 §4.2). */
export function privacy({ headers }: SipRequest): ReadonlySet<string> {
  if (!headers.has('Privacy')) return NONE;
  const values = new Set<string>();
  // Commas occur, though its grammar has none.
  for (const value of headers.getAll('Privacy').join(';').split(/[;,]/, 64)) {
    const name = value.trim().toLowerCase();
    if (name !== '') values.add(name);
  }
  return values;
}

/** RFC 3323 §5: privacy that is critical and not given here. Without `critical` the request goes on without it. */
export function refusePrivacy(request: SipRequest): Refusal | undefined {
  const values = privacy(request);
  if (!values.has('critical')) return undefined;
  for (const value of values) if (!GIVEN.has(value)) return { status: 500, reason: 'Privacy Cannot Be Given' };
  return undefined;
}

/** What the sender wants to be known as: at most one SIP or SIPS URI and one tel URI (RFC 3325 §9.2). @throws SipParseError 400 */
export function preferredIdentities(request: SipRequest): NameAddr[] {
  return request.headers.has('P-Preferred-Identity') ? nameAddrs(request, 'P-Preferred-Identity') : [];
}

/** The P-Asserted-Identity line for a sender who is known. Endpoints do not get it with Privacy: id (RFC 3325 §7). */
export function assertedIdentity({
  displayName,
  uri,
}: {
  displayName?: string | undefined;
  uri: string;
}): readonly [name: string, value: string] {
  return ['P-Asserted-Identity', formatNameAddr({ displayName, uri, parameters: NO_PARAMETERS })];
}

const NO_PARAMETERS = new Parameters();
