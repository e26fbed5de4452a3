/** Every timer of the transaction layer, in milliseconds (RFC 3261 table 4; L and M from RFC 6026). */
export interface Timers {
  readonly T1: number;
  readonly T2: number;
  readonly T4: number;
  /** INVITE retransmission on UDP: the first interval, doubled each time. */
  readonly A: number;
  /** INVITE without any response. */
  readonly B: number;
  /** INVITE without a final response since the last provisional one (§16.6 step 11: more than three minutes). */
  readonly C: number;
  /** Wait for retransmitted final responses to an INVITE, on UDP. */
  readonly D: number;
  /** Non-INVITE retransmission on UDP: the first interval, doubled up to T2. */
  readonly E: number;
  /** Non-INVITE without a final response. */
  readonly F: number;
  /** Retransmission of a failure response to an INVITE on UDP: the first interval, doubled up to T2. */
  readonly G: number;
  /** Wait for the ACK. */
  readonly H: number;
  /** Wait for retransmitted ACKs, on UDP. */
  readonly I: number;
  /** Wait for retransmitted non-INVITE requests, on UDP. */
  readonly J: number;
  /** Wait for retransmitted INVITEs after a 2xx, on every transport. */
  readonly L: number;
  /** Wait for further 2xx responses to an INVITE, on every transport. */
  readonly M: number;
  /** After this long an INVITE that nobody has answered gets 100 Trying (§17.2.1). */
  readonly trying: number;
  /** An INVITE to which the transaction user has said nothing for this long is given up: it must be more than C. */
  readonly abandoned: number;
}

/** RFC 3261 table 4: every timer follows from three round-trip estimates. */
export function deriveTimers({ T1 = 500, T2 = 4_000, T4 = 5_000 } = {}): Timers {
  const patience = 64 * T1;
  return {
    T1,
    T2,
    T4,
    A: T1,
    B: patience,
    C: 181_000,
    D: Math.max(32_000, patience),
    E: T1,
    F: patience,
    G: T1,
    H: patience,
    I: T4,
    J: patience,
    L: patience,
    M: patience,
    trying: 200,
    abandoned: 240_000,
  };
}

export const TIMERS: Timers = deriveTimers();
