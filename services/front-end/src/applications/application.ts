/**
 * A server application: looks at the requests of authenticated senders before the pool routes them, and may change,
 * answer or send them elsewhere. docs/applications.md shows how to write, test and configure one.
 */
export interface ServerApplication {
  /** Letters, digits and `-`: names it in metrics, log lines and its settings. */
  readonly name: string;
  /** Which requests it is shown, e.g. `['MESSAGE', 'INVITE']`; all but ACK and CANCEL when not given. */
  readonly methods?: readonly string[];
  /** Called before the first request, and again when it had to be started anew. */
  start?(host: ApplicationHost): void | Promise<void>;
  /**
   * Called for each request. The first verdict (`answer`, `route`, `pass`) decides, at once; without one the request
   * goes on when this returns or resolves. When it throws, or its time is up before that, the request goes on as if this
   * application did not exist.
   */
  onRequest(request: ApplicationRequest, actions: ApplicationActions): void | Promise<void>;
  /** Called when the front end stops; it has a second. */
  stop?(): void | Promise<void>;
}

/** A request as an application sees it: a frozen copy. */
export interface ApplicationRequest {
  readonly method: string;
  /** Whom it is for, the Request-URI: `sip:bob@example.org`. */
  readonly uri: string;
  /** `bob@example.org` of the Request-URI; undefined when that is no SIP URI with a user. */
  readonly target: string | undefined;
  /** The URIs of From and To. */
  readonly from: string;
  readonly to: string;
  /** The account that sends it, proven: `alice@example.org`. Undefined when a trusted network does. */
  readonly sender: string | undefined;
  readonly callId: string;
  /** It belongs to a dialog: part of a call that is under way, say. */
  readonly inDialog: boolean;
  /** All lines, in order, with their long names. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The value of the first line of that name, in any case or compact form. */
  header(name: string): string | undefined;
  /** Without parameters, in lower case: `text/plain`. */
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
  /** The body as UTF-8. */
  readonly text: string;
  /** How it came. */
  readonly flow: {
    readonly transport: 'UDP' | 'TCP' | 'TLS' | 'WS' | 'WSS';
    readonly address: string;
    readonly port: number;
  };
}

/**
 * What an application does with a request. None of these throws: a mistake is counted, logged, and makes the request go
 * on as if the application did not exist. After a verdict, or when the time is up, they do nothing.
 */
export interface ApplicationActions {
  /** Verdict: the sender gets this final response, 200 to 699 (INVITE: 300 to 699), and nobody else gets the request. */
  answer(status: number, reason?: string, content?: AnswerContent): void;
  /** Verdict: the request goes to this SIP URI instead, by the same rules as any (no foreign domain without a route). */
  route(uri: string): void;
  /** Verdict: the request goes on, with the changes so far. */
  pass(): void;
  /** Changes, for who gets the request. What routing, authentication and dialogs rest on cannot be changed. */
  setHeader(name: string, value: string): void;
  removeHeader(name: string): void;
  setBody(body: string | Uint8Array, contentType: string): void;
}

export interface AnswerContent {
  readonly headers?: Readonly<Record<string, string>> | Iterable<readonly [name: string, value: string]>;
  readonly body?: string | Uint8Array;
  /** Of the body; default `text/plain;charset=utf-8`. */
  readonly contentType?: string;
}

/** What an application may ask of the front end that it runs in. */
export interface ApplicationHost {
  /** `setting('users')` of the application `do-not-disturb` is the variable `ROLLCALL_DO_NOT_DISTURB_USERS`. */
  setting(name: string): string | undefined;
  /** Sends a MESSAGE to all endpoints of `to`, or stores it. Applications are not shown it. Never rejects. */
  send(message: ApplicationMessage): Promise<SentMessage>;
  /** A line in the front end's log. */
  log(text: string): void;
}

export interface ApplicationMessage {
  /** An account of this pool: `bot@example.org`. */
  readonly from: string;
  /** `alice@example.org`, or a SIP URI. */
  readonly to: string;
  readonly body: string | Uint8Array;
  /** Default `text/plain;charset=utf-8`. */
  readonly contentType?: string;
}

/** 200: an endpoint took it; 202: it waits for one; else what went wrong. */
export interface SentMessage {
  readonly status: number;
  readonly reason: string;
}
