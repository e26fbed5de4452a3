export const REGINFO_TYPE = 'application/reginfo+xml';

export interface RegistrationContact {
  /** Stable as long as the binding lives. */
  id: string;
  uri: string;
  state: 'active' | 'terminated';
  event:
    | 'registered'
    | 'created'
    | 'refreshed'
    | 'shortened'
    | 'expired'
    | 'deactivated'
    | 'probation'
    | 'unregistered'
    | 'rejected';
  /** s that are left. */
  expires?: number;
  /** 0 to 1. */
  q?: number;
  callId?: string;
  cseq?: number;
  displayName?: string;
  /** RFC 5628: urn:…, without angle brackets. */
  instance?: string;
  publicGruu?: string;
  temporaryGruu?: string;
  /** Feature tags and other parameters, e.g. `{ 'reg-id': '1' }` (RFC 3680 §5.2 unknown-param). */
  parameters?: Record<string, string>;
}

export interface Registration {
  /** `sip:user@domain` */
  aor: string;
  id: string;
  contacts: readonly RegistrationContact[];
}

/** RFC 3680 §5. A registration is active when one of its contacts is, else init without contacts and terminated with. */
export function formatReginfo(
  _registrations: readonly Registration[],
  _options: { version: number; fullState: boolean },
): string {
  throw new Error('not yet');
}
