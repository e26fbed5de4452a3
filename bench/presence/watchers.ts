// One process with many watchers of one user, as phones on UDP: node watchers.ts HOST:PORT USER COUNT PREFIX register|anybody
// Each registers (unless the server takes anybody) and subscribes. It sends {ready} when each has had its first NOTIFY, then
// {state, at} for each "state N" that all have been told of or passed by, and {counts} when it is asked.
import { formatOk } from '../load/answer-request.ts';
import { type Line, openUdpLine } from '../load/line.ts';
import { targetOf } from '../load/requester.ts';
import { runMany } from '../load/run-many.ts';
import { UserAgent } from '../load/user-agent.ts';
import { passwordOf } from '../relay/accounts.ts';
import type { WatcherCounts } from './start-watchers.ts';

const DOMAIN = 'pool.test';
/** Watchers on a socket: what a kernel holds for one is little beside 1,000 NOTIFYs at once. */
const ON_A_SOCKET = 25;
const [to, watched, count, prefix, how] = process.argv.slice(2);
const target = targetOf(to!);
const total = Number(count);

interface Watcher {
  agent: UserAgent;
  /** Of its latest NOTIFY. */
  cseq: number;
  /** N of the latest "state N" that it was told; -1: of nothing yet, 0: of no state. */
  state: number;
}

const watchers = new Map<string, Watcher>();
/** How many watchers have been told of state N or a later one. */
const told: number[] = [];
const counts: WatcherCounts = { notifications: 0, retransmissions: 0, outOfOrder: 0, lastAt: 0 };

function read(text: string, line: Line): void {
  const callId = /^Call-ID: *(.*?)\r$/im.exec(text)?.[1] ?? '';
  const watcher = watchers.get(callId);
  if (text.startsWith('SIP/2.0 ')) {
    watcher?.agent.receive(text);
    return;
  }
  line.send(formatOk(text, 'NOTIFY', ''));
  if (!watcher || !text.startsWith('NOTIFY ')) return;
  const cseq = Number(/^CSeq: *(\d+)/im.exec(text)?.[1]);
  if (cseq === watcher.cseq) counts.retransmissions += 1;
  else if (cseq < watcher.cseq) counts.outOfOrder += 1;
  else notified(watcher, cseq, text);
}

function notified(watcher: Watcher, cseq: number, text: string): void {
  const at = Number(process.hrtime.bigint()) / 1e6;
  counts.notifications += 1;
  counts.lastAt = at;
  watcher.cseq = cseq;
  const states = [...text.matchAll(/>state (\d+)</g)].map(([, number]) => Number(number));
  const state = Math.max(0, ...states);
  for (let passed = watcher.state + 1; passed <= state; passed++) {
    told[passed] = (told[passed] ?? 0) + 1;
    if (told[passed] !== total) continue;
    process.send!(passed === 0 ? { ready: true } : { state: passed, at });
  }
  watcher.state = Math.max(watcher.state, state);
}

async function subscribe(line: Line, user: string): Promise<void> {
  const agent = new UserAgent(line, { user, password: passwordOf(user) }, DOMAIN);
  const watcher: Watcher = { agent, cseq: 0, state: -1 };
  for (const method of ['REGISTER', 'SUBSCRIBE']) watchers.set(agent.callIdOf(method), watcher);
  const contact = `Contact: <${agent.contact}>`;
  if (how === 'register') {
    const registered = await agent.request({
      ...{ method: 'REGISTER', uri: `sip:${DOMAIN}` },
      headers: [contact, 'Expires: 3600'],
    });
    if (registered.status !== 200) throw new Error(`${user} could not register: ${registered.text}`);
  }
  const subscribed = await agent.request({
    ...{ method: 'SUBSCRIBE', uri: `sip:${watched}@${DOMAIN}` },
    headers: [contact, 'Event: presence', 'Accept: application/pidf+xml', 'Expires: 3600'],
  });
  if (subscribed.status >= 300) throw new Error(`${user} could not subscribe: ${subscribed.text}`);
}

const lines: Line[] = [];
for (let opened = 0; opened < total; opened += ON_A_SOCKET) lines.push(await openUdpLine(target, read));
await runMany(
  Array.from({ length: total }, (_, index) => index),
  50,
  (index) => subscribe(lines[Math.floor(index / ON_A_SOCKET)]!, `${prefix}${index + 1}`),
);
process.once('disconnect', () => process.exit()); // with the bench
process.on('message', () => process.send!({ counts }));
