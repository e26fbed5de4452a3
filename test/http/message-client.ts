import type { FrontEndPool } from '../front-end-pool.ts';
import { type EventClient, follow } from './event-client.ts';
import { newcomer } from './newcomer.ts';

/** An HTTP client of an account of its own. */
export async function openMessageClient(pool: FrontEndPool) {
  const { account, address, token, ask } = await newcomer(pool);
  return {
    ...{ account, address, ask },
    send: (to: string, body: string, more: object = {}) => ask('POST /v1/messages', { to, body, ...more }),
    /** Registers an endpoint and opens its stream. */
    async online(instance: string, frontEnd = pool.frontEnd) {
      await ask(`PUT /v1/endpoints/${instance}`, {}, frontEnd);
      return follow(frontEnd, { token, instance });
    },
    /** Opens a stream again. */
    again: (instance: string, frontEnd = pool.frontEnd) => follow(frontEnd, { token, instance }),
    ack: (id: number, instance: string, frontEnd = pool.frontEnd) =>
      ask(`POST /v1/messages/${id}/ack`, { instance }, frontEnd),
    waiting: async (query = '') => (await ask(`GET /v1/messages${query}`)).body.messages.map(bodyOf) as string[],
  };
}

export function messagesOf(stream: EventClient) {
  return stream.received().flatMap(({ event, data }) => (event === 'message' ? [data] : []));
}

/** As a client does: acknowledges each message that comes, once, until the function that it returns is called. */
export function acknowledging(stream: EventClient, ack: (id: number) => Promise<unknown>): () => void {
  const acked = new Set<number>();
  const timer = setInterval(() => {
    for (const { id } of messagesOf(stream)) {
      if (acked.has(id)) continue;
      acked.add(id);
      void ack(id);
    }
  }, 5);
  return () => clearInterval(timer);
}

function bodyOf({ body }: { body: string }): string {
  return body;
}
