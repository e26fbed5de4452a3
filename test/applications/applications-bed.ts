import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createLog, createMetrics } from '@rollcall/process';
import { createRequest, type Flow, type SipRequest } from '@rollcall/sip';
import type { ApplicationMessage, SentMessage } from '../../services/front-end/src/applications/application.ts';
import { Applications } from '../../services/front-end/src/applications/applications.ts';
import type { Decision } from '../../services/front-end/src/applications/decision.ts';
import { makeFrontEndMetrics } from '../../services/front-end/src/metrics.ts';

export const sample = (name: string) => fileURLToPath(new URL(`./samples/${name}.ts`, import.meta.url));

export interface ApplicationsBed {
  readonly applications: Applications;
  readonly sent: ApplicationMessage[];
  /** A MESSAGE of alice to bob with that text. */
  say(
    text: string,
    more?: MessageOptions,
  ): Promise<{ request: SipRequest; decision: Decision | undefined; ms: number }>;
  /** That MESSAGE. */
  message(text: string, more?: MessageOptions): SipRequest;
  /** `throws 2`: failures so far by reason, summed over applications. */
  failures(): Promise<Record<string, number>>;
  log(): string;
  stop(): Promise<void>;
}

export interface MessageOptions {
  method?: string;
  to?: string;
  headers?: [string, string][];
}

/** The applications of a front end, in their threads, without its sockets. */
export async function startApplications(
  entries: string[],
  { budget = 10_000, onSend }: { budget?: number; onSend?(message: ApplicationMessage): Promise<SentMessage> } = {},
): Promise<ApplicationsBed> {
  const registry = createMetrics();
  let logged = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk;
      done();
    },
  });
  const sent: ApplicationMessage[] = [];
  const applications = await Applications.start({
    ...{ entries, budget, metrics: makeFrontEndMetrics(registry) },
    log: createLog({ level: 'info', destination, pretty: false }),
    async send(message) {
      sent.push(message);
      return onSend ? onSend(message) : { status: 200, reason: 'OK' };
    },
  });
  return {
    applications,
    sent,
    message,
    async say(text, more) {
      const request = message(text, more);
      const begun = performance.now();
      const decision = await applications.inspect({ request, flow: FLOW }, { user: 'alice', domain: 'example.org' });
      return { request, decision, ms: performance.now() - begun };
    },
    async failures() {
      const found: Record<string, number> = {};
      for (const [, why, count] of (await registry.metrics()).matchAll(
        /^rollcall_application_failures_total\{.*why="(\w+)"\} (\d+)$/gm,
      )) {
        found[why!] = (found[why!] ?? 0) + Number(count);
      }
      return found;
    },
    log: () => logged,
    stop: () => applications.stop(),
  };
}

const FLOW = {
  transport: 'TCP',
  remote: { address: '192.0.2.7', port: 5060 },
} as unknown as Flow;

function message(text: string, { method = 'MESSAGE', to = 'bob@example.org', headers = [] }: MessageOptions = {}) {
  return createRequest({
    method,
    uri: `sip:${to}`,
    headers: [
      ['Via', 'SIP/2.0/TCP 192.0.2.7;branch=z9hG4bKabc'],
      ['From', '<sip:alice@example.org>;tag=a'],
      ['To', `<sip:${to}>`],
      ['Call-ID', 'call-1'],
      ['CSeq', `1 ${method}`],
      ['Subject', 'lunch'],
      ['Content-Type', 'Text/Plain; charset=utf-8'],
      ...headers,
    ],
    body: Buffer.from(text),
  });
}
