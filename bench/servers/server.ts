/** A server under measurement. */
export interface Server {
  readonly name: string;
  /** host:port of SIP over UDP and TCP. */
  readonly target: string;
  /** Its first process; CPU time counts its descendants too. */
  readonly process: number;
  stop(): Promise<void>;
}
