import type { RunningFrontEnd } from '@rollcall/front-end';
import type { SipAccount } from '@rollcall/test-kit';
import { Publisher, Subscriber, SubscriptionState, UserAgent } from 'sip.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';

let pool: FrontEndPool;
let second: RunningFrontEnd;
const running: UserAgent[] = [];

beforeAll(async () => {
  pool = await startFrontEndPool();
  second = await pool.addFrontEnd();
});

afterAll(async () => {
  for (const one of running) await one.stop();
  await pool?.stop();
});

/** SIP.js as a web page has it; the WebSocket is Node's own. */
async function page(account: SipAccount, at: RunningFrontEnd): Promise<UserAgent> {
  const userAgent = new UserAgent({
    uri: uriOf(account),
    authorizationUsername: account.user,
    authorizationPassword: account.password,
    transportOptions: { server: `ws://${at.addresses.ws}/sip` },
    logBuiltinEnabled: false,
    // Else it waits for ever for the end of a subscription that has ended.
    gracefulShutdown: false,
  });
  running.push(userAgent);
  await userAgent.start();
  return userAgent;
}

function uriOf({ user }: SipAccount) {
  return UserAgent.makeURI(`sip:${user}@${DOMAIN}`)!;
}

function pidf({ user }: SipAccount, basic: 'open' | 'closed', note: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:${user}@${DOMAIN}">
  <tuple id="page"><status><basic>${basic}</basic></status><note>${note}</note></tuple>
</presence>`;
}

/** Bob's page at the second front end that subscribes to alice, and the bodies of what it is notified of. */
async function watch(bob: SipAccount, alice: SipAccount) {
  const documents: string[] = [];
  const subscriber = new Subscriber(await page(bob, second), uriOf(alice), 'presence', { expires: 600 });
  subscriber.delegate = {
    async onNotify(notification) {
      documents.push(notification.request.body);
      await notification.accept();
    },
  };
  await subscriber.subscribe();
  const latest = () => documents.at(-1) ?? '';
  return { subscriber, documents, latest };
}

const wait = { timeout: 5000, interval: 50 };

test('SIP.js on one front end sees what SIP.js on the other publishes, changes and takes away', async () => {
  const [alice, bob] = [await pool.addAccount('alice'), await pool.addAccount('bob')];
  const { subscriber, latest } = await watch(bob, alice);
  await expect.poll(() => subscriber.state, wait).toBe(SubscriptionState.Subscribed);
  await expect.poll(latest, wait).toContain('<basic>closed</basic>');

  const options = { contentType: 'application/pidf+xml', expires: 600, body: '' };
  const publisher = new Publisher(await page(alice, pool.frontEnd), uriOf(alice), 'presence', options);
  await publisher.publish(pidf(alice, 'open', 'at my desk'));
  await expect.poll(latest, wait).toMatch(/<basic>open<\/basic>.*at my desk/s);
  // RFC 3903 §4.4: it has kept the entity tag, and this takes the place of the first.
  await publisher.publish(pidf(alice, 'open', 'in the garden'));
  await expect.poll(latest, wait).toContain('in the garden');
  await publisher.unpublish();
  await expect.poll(latest, wait).toContain('<basic>closed</basic>');
}, 30_000);

test('SIP.js that unsubscribes is told that its subscription has ended, and nothing after that', async () => {
  const [alice, bob] = [await pool.addAccount('alice2'), await pool.addAccount('bob2')];
  const { subscriber, documents } = await watch(bob, alice);
  await expect.poll(() => documents.length, wait).toBeGreaterThan(0);
  await subscriber.unsubscribe();
  await expect.poll(() => subscriber.state, wait).toBe(SubscriptionState.Terminated);
  const before = documents.length;

  // Somebody who still watches has been told before this is looked at.
  const other = await watch(await pool.addAccount('carol2'), alice);
  const options = { contentType: 'application/pidf+xml', expires: 600, body: '' };
  const publisher = new Publisher(await page(alice, pool.frontEnd), uriOf(alice), 'presence', options);
  await publisher.publish(pidf(alice, 'open', 'after that'));
  await expect.poll(other.latest, wait).toContain('after that');
  expect(documents).toHaveLength(before);
}, 30_000);
