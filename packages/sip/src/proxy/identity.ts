import type { NameAddr, Refusal, SipRequest } from '../message/index.ts';

/** Header fields that do not pass from a client: what it asserts counts for nothing (RFC 3325 §5, §9.2). */
export const CLIENT_IDENTITY_HEADERS = ['P-Asserted-Identity', 'P-Preferred-Identity'] as const;

/** The values of Privacy, in lower case (RFC 3323 §4.2). */
export function privacy(_request: SipRequest): Set<string> {
  return undefined as never;
}

/** RFC 3323 §5: privacy that is critical and cannot be given here. */
export function refusePrivacy(_request: SipRequest): Refusal | undefined {
  return undefined as never;
}

/** What the sender wants to be known as (RFC 3325 §9.2). @throws SipParseError 400 */
export function preferredIdentities(_request: SipRequest): NameAddr[] {
  return undefined as never;
}

/**
 * The P-Asserted-Identity line to go on, for a sender that is known by these URIs; undefined toward an endpoint when
 * the sender wants its identity kept (RFC 3325 §7). `trusted`: toward another element of the trust domain.
 */
export function assertedIdentity(
  _request: SipRequest,
  _identity: { displayName?: string | undefined; uri: string },
  _trusted: boolean,
): readonly [name: string, value: string] | undefined {
  return undefined as never;
}
