import { createRequest, parseMessage, type SipRequest } from '@rollcall/sip';
import type {
  ApplicationHost,
  ApplicationMessage,
  ApplicationRequest,
  SentMessage,
  ServerApplication,
} from './application.ts';
import { checkMessage } from './check-message.ts';
import { decide } from './decision.ts';
import { whatIsWrong } from './load.ts';
import { requestData, requestView } from './request-data.ts';
import { runApplication } from './run.ts';
import { type Failure, type FailureReason, failed, type Verdict } from './verdict.ts';

export interface TrialOptions {
  /** What `host.setting` answers, by the names that the application asks for. */
  settings?: Readonly<Record<string, string>>;
  /** What comes of each message that it sends; default 200. */
  onSend?(message: ApplicationMessage): SentMessage | Promise<SentMessage>;
  /** ms for a verdict; default 50, as in a front end. */
  budget?: number;
}

/** A request in short: what is left out is made up. */
export interface ShortRequest {
  method?: string;
  /** `alice@example.org`, who is also the proven sender. */
  from?: string;
  /** `bob@example.org`. */
  to: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  contentType?: string;
}

/** What came of a request, as the pool would see it. */
export type TrialDecision =
  | { readonly kind: 'pass'; readonly request: ApplicationRequest }
  | { readonly kind: 'route'; readonly uri: string; readonly request: ApplicationRequest }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly reason: string;
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly text: string;
    }
  /** The request goes on as it was. */
  | { readonly kind: 'failed'; readonly why: FailureReason; readonly detail: string };

export interface Trial {
  /** Shows it a request: in short, or the text of a SIP message. `sender` is the proven account; default the From. */
  receive(request: ShortRequest | string, options?: { sender?: string | undefined }): Promise<TrialDecision>;
  /** What it has sent so far. */
  readonly sent: readonly ApplicationMessage[];
  readonly logged: readonly string[];
  /** What went wrong after a verdict: a front end counts it. */
  readonly failures: readonly Failure[];
  stop(): Promise<void>;
}

/** Starts an application for a test, in the test's own thread, with the checks and decisions of a front end. */
export async function tryApplication(application: ServerApplication, options: TrialOptions = {}): Promise<Trial> {
  const wrong = whatIsWrong(application);
  if (wrong !== undefined) throw new Error(wrong);
  const { settings = {}, onSend = () => ({ status: 200, reason: 'OK' }), budget = 50 } = options;
  const sent: ApplicationMessage[] = [];
  const logged: string[] = [];
  const failures: Failure[] = [];
  const host: ApplicationHost = {
    setting: (name) => settings[name],
    log: (text) => void logged.push(text),
    async send(message) {
      const checked = checkMessage(message);
      if (typeof checked === 'string') return { status: 400, reason: checked };
      sent.push(checked);
      return onSend(checked);
    },
  };
  await application.start?.(host);
  return {
    async receive(given, choices = {}) {
      const request = typeof given === 'string' ? readRequest(given) : makeRequest(given);
      const data = requestData(request, FLOW, undefined);
      const sender = 'sender' in choices ? choices.sender : data.from.replace(/^sips?:([^;]*).*$/, '$1');
      if (application.methods && !application.methods.includes(request.method)) {
        return { kind: 'pass', request: requestView({ ...data, sender }) };
      }
      const verdict = await inTime(
        runApplication(application, { ...data, sender }, (failure) => failures.push(failure)),
        budget,
      );
      return shown(request, verdict, sender);
    },
    sent,
    logged,
    failures,
    stop: async () => application.stop?.(),
  };
}

const FLOW = { transport: 'TCP', remote: { address: '192.0.2.1', port: 5060 } } as const;

function shown(request: SipRequest, verdict: Verdict, sender: string | undefined): TrialDecision {
  if (verdict.verdict === 'failed') return { kind: 'failed', why: verdict.why, detail: verdict.detail };
  const decision = decide(request, verdict);
  if (decision.kind === 'answer') {
    const { status, reason, headers, body } = decision.response;
    return { kind: 'answer', status, reason, headers: [...headers], text: body.toString() };
  }
  const view = requestView(requestData(decision.request, FLOW, sender));
  if (decision.kind === 'route') return { kind: 'route', uri: decision.request.uri, request: view };
  return { kind: 'pass', request: view };
}

function inTime(verdict: Promise<Verdict>, budget: number): Promise<Verdict> {
  let timer: NodeJS.Timeout;
  const late = new Promise<Verdict>((resolve) => {
    timer = setTimeout(() => resolve(failed('timed_out', `no verdict within ${budget} ms`)), budget);
  });
  return Promise.race([verdict, late]).finally(() => clearTimeout(timer));
}

/** Line ends and indentation are those of the test's source, not of SIP. */
function readRequest(text: string): SipRequest {
  const lines = text.trim().split(/\r?\n/);
  const headEnd = lines.findIndex((line) => line.trim() === '');
  const head = lines.slice(0, headEnd < 0 ? lines.length : headEnd).map((line) => line.trim());
  const body = headEnd < 0 ? [] : lines.slice(headEnd + 1).map((line) => line.trim());
  const message = parseMessage(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body.join('\r\n')}`));
  if (message.kind !== 'request') throw new Error('this is a response, not a request');
  return message;
}

function makeRequest({ method = 'MESSAGE', from = 'alice@example.org', to, ...more }: ShortRequest): SipRequest {
  const { headers = {}, body = '', contentType = 'text/plain;charset=utf-8' } = more;
  const lines: [string, string][] = [
    ['Via', 'SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1'],
    ['From', `<sip:${from}>;tag=1`],
    ['To', `<sip:${to}>`],
    ['Call-ID', 'trial'],
    ['CSeq', `1 ${method}`],
    ['Max-Forwards', '70'],
    ...Object.entries(headers),
  ];
  if (body !== '') lines.push(['Content-Type', contentType]);
  return createRequest({ method, uri: `sip:${to}`, headers: lines, body: Buffer.from(body) });
}
