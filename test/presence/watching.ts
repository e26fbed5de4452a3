import { randomBytes } from 'node:crypto';
import {
  type SipAnswer,
  type SipClient,
  SipDialog,
  type SipReceived,
  type SipRequestOptions,
} from '@rollcall/test-kit';
import { expect } from 'vitest';

export const PIDF = ['Content-Type', 'application/pidf+xml'] as const;

/** What somebody watches, from the watcher's side. */
export interface Watching {
  readonly dialog: SipDialog;
  /** The answer to the SUBSCRIBE. */
  readonly answer: SipAnswer;
  /** The next NOTIFY of this subscription, answered. */
  next(status?: number): Promise<SipReceived>;
  /** The NOTIFY whose body says that, answered as those before it are. */
  until(said: RegExp): Promise<SipReceived>;
  /** SUBSCRIBE again in the dialog. */
  refresh(options?: SipRequestOptions): Promise<SipAnswer>;
}

export interface WatchOptions extends SipRequestOptions {
  event?: string;
}

/** SUBSCRIBE as a softphone sends it. */
export async function subscribe(watcher: SipClient, uri: string, options: WatchOptions = {}): Promise<SipAnswer> {
  const { event = 'presence', headers = [], ...rest } = options;
  return watcher.send({
    ...{ method: 'SUBSCRIBE', uri, to: `<${uri}>`, expires: 600, contacts: [watcher.contact()], ...rest },
    callId: rest.callId ?? `${randomBytes(8).toString('hex')}@client.test`,
    headers: [['Event', event], ...headers],
  });
}

/** SUBSCRIBE, and the dialog that it makes. */
export async function watch(watcher: SipClient, uri: string, options: WatchOptions = {}): Promise<Watching> {
  const callId = `${randomBytes(8).toString('hex')}@client.test`;
  const answer = await subscribe(watcher, uri, { ...options, callId });
  expect(answer.status, answer.text).toBe(200);
  const dialog = new SipDialog(watcher, {
    callId,
    local: `<${watcher.addressOfRecord}>;tag=${watcher.tag}`,
    remote: answer.header('To') ?? '',
    target: /<([^>]*)>/.exec(answer.header('Contact') ?? '')?.[1] ?? '',
    routes: [],
    cseq: watcher.cseq,
  });
  const next = async (status = 200) => {
    const client = dialog.client;
    const notify = await client.connection.nextRequest(
      (one) => one.method === 'NOTIFY' && one.header('Call-ID') === callId,
      5000,
    );
    client.answer(notify, status);
    return notify;
  };
  return {
    dialog,
    answer,
    next,
    async until(said) {
      for (;;) {
        const notify = await next();
        if (said.test(notify.body)) return notify;
      }
    },
    async refresh(refresh = {}) {
      const { client } = dialog;
      const { headers = [], ...rest } = refresh;
      dialog.cseq += 1;
      const request: SipRequestOptions = {
        ...{
          method: 'SUBSCRIBE',
          uri: dialog.target,
          from: dialog.local,
          to: dialog.remote,
          callId,
          cseq: dialog.cseq,
        },
        ...{ expires: 600, contacts: [client.contact()], ...rest },
        headers: [
          ...(headers.some(([name]) => name === 'Event') ? [] : [['Event', options.event ?? 'presence'] as const]),
          ...headers,
        ],
      };
      const answered = await client.send(request);
      // A challenge has taken another one.
      dialog.cseq += 1;
      return answered;
    },
  };
}

/** PUBLISH of a document. `etag`: of the publication that it changes. */
export async function publish(
  publisher: SipClient,
  body: string,
  { etag, ...options }: SipRequestOptions & { etag?: string } = {},
): Promise<SipAnswer> {
  const { headers = [['Event', 'presence'] as const], ...rest } = options;
  return publisher.send({
    ...{ method: 'PUBLISH', uri: publisher.addressOfRecord, expires: 600, body, ...rest },
    callId: `${randomBytes(8).toString('hex')}@client.test`,
    headers: [
      ...headers,
      ...(body === '' ? [] : [PIDF]),
      ...(etag === undefined ? [] : [['SIP-If-Match', etag] as const]),
    ],
  });
}

/** As a softphone describes itself (RFC 3863, RFC 4480). */
export function pidf(
  entity: string,
  { note, activity, basic = 'open' }: { note?: string; activity?: string; basic?: string } = {},
) {
  const activities = activity === undefined ? '' : `<rpid:activities><rpid:${activity}/></rpid:activities>`;
  const person = `<dm:person id="p">${activities}${note === undefined ? '' : `<dm:note>${note}</dm:note>`}</dm:person>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" ' +
    'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" ' +
    `entity="${entity}"><tuple id="t"><status><basic>${basic}</basic></status></tuple>${person}</presence>`
  );
}

/** CSeq number. */
export function sequence(message: SipReceived): number {
  return Number.parseInt(message.header('CSeq') ?? '', 10);
}
