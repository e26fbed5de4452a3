import { request } from 'node:http';
import type { HttpServer } from './http-client.ts';

export interface ReceivedEvent {
  id: string;
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says, for the test to look at
  data: any;
}

export interface EventClient {
  readonly status: number;
  readonly contentType: string | undefined;
  /** The texts of the messages that have arrived. */
  messages(): string[];
  /** All that has arrived, as `registered` or `removed quota`. */
  events(): string[];
  received(): ReceivedEvent[];
  /** The bytes as they came. */
  text(): string;
  ended(): boolean;
  close(): void;
}

/** Opens the event stream of an endpoint, or without one that of the account's contacts, and gathers what comes. */
export function follow(
  frontEnd: HttpServer,
  { token, instance, lastEventId }: { token: string; instance?: string; lastEventId?: string },
): Promise<EventClient> {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
  };
  return new Promise((resolve, reject) => {
    const path = instance === undefined ? '/v1/events' : `/v1/endpoints/${instance}/events`;
    const asked = request(`http://${frontEnd.addresses.http}${path}`, {
      headers,
      agent: false,
    });
    asked.once('error', reject).once('response', (response) => {
      let text = '';
      let ended = false;
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response
        .on('error', () => {})
        .once('close', () => {
          ended = true;
        });
      const received = () => [...text.matchAll(/^(?:id: (.*)\n)?event: (.*)\ndata: (.*)\n\n/gm)].map(read);
      resolve({
        status: response.statusCode!,
        contentType: response.headers['content-type'],
        received,
        events: () => received().map(({ event, data }) => (data.reason ? `${event} ${data.reason}` : event)),
        messages: () => received().flatMap(({ event, data }) => (event === 'message' ? [data.body] : [])),
        text: () => text,
        ended: () => ended,
        close: () => response.destroy(),
      });
    });
    asked.end();
  });
}

function read([, id = '', event = '', data = '']: RegExpMatchArray): ReceivedEvent {
  return { id, event, data: JSON.parse(data) };
}
