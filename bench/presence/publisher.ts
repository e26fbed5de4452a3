import { header } from '../load/answer.ts';
import { openTcpLine } from '../load/line.ts';
import { targetOf } from '../load/requester.ts';
import { UserAgent } from '../load/user-agent.ts';
import { passwordOf } from '../relay/accounts.ts';

const DOMAIN = 'pool.test';

/** A user on a TCP connection who publishes presence. */
export interface Publisher {
  /** Publishes "state N" in the place of what it has published; `initial`: beside it, as if from another device. @returns N and when it was sent, ms of the monotonic clock */
  publish(way?: 'modify' | 'initial'): Promise<{ state: number; at: number }>;
  stop(): void;
}

/** @param target host:port of TCP */
export async function openPublisher(target: string, user: string): Promise<Publisher> {
  const line = await openTcpLine(targetOf(target), (text) => agent.receive(text));
  const agent = new UserAgent(line, { user, password: passwordOf(user) }, DOMAIN);
  let state = 0;
  let etag: string | undefined;
  return {
    async publish(way = 'modify') {
      state += 1;
      const match = way === 'modify' && etag ? [`SIP-If-Match: ${etag}`] : [];
      const at = Number(process.hrtime.bigint()) / 1e6;
      const answer = await agent.request({
        ...{ method: 'PUBLISH', uri: `sip:${user}@${DOMAIN}` },
        headers: ['Event: presence', 'Expires: 3600', 'Content-Type: application/pidf+xml', ...match],
        body: pidf(user, `state ${state}`),
      });
      if (answer.status !== 200) throw new Error(`PUBLISH of ${user} at ${target}: ${answer.text}`);
      etag = header(answer, 'SIP-ETag');
      return { state, at };
    },
    stop: () => line.close(),
  };
}

/** The document of ../shared/bench/publish-presence.xml. */
function pidf(user: string, note: string): string {
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:${user}@${DOMAIN}"><tuple id="t1"><status>` +
    `<basic>open</basic></status><note>${note}</note></tuple></presence>`
  );
}
