import type { RunningFrontEnd } from '@rollcall/front-end';
import type { SipAccount, SipClient } from '@rollcall/test-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { openPhone } from '../phones.ts';
import { pidf, publish, sequence, subscribe, watch } from './watching.ts';

let pool: FrontEndPool;
let second: RunningFrontEnd;
let made = 0;

beforeAll(async () => {
  pool = await startFrontEndPool();
  second = await pool.addFrontEnd();
});

afterAll(async () => {
  await pool?.stop();
});

/** Two people, the watcher on the first front end and the one watched on the second. */
async function two(): Promise<{ watcher: SipClient; watched: SipClient; account: SipAccount; uri: string }> {
  made += 1;
  const watcher = await openPhone(pool, await pool.addAccount(`watcher${made}`));
  const account = await pool.addAccount(`watched${made}`);
  const watched = await openPhone(pool, account, { frontEnd: second });
  return { watcher, watched, account, uri: `sip:${account.user}@${DOMAIN}` };
}

describe('a watcher on one front end, and somebody on another', () => {
  test('the first notification comes with the subscription, then what is published, at once', async () => {
    const { watcher, watched, uri } = await two();
    const watching = await watch(watcher, uri);
    expect(watching.answer.header('Expires')).toBe('600');
    const first = await watching.next();
    expect(first.header('Subscription-State')).toMatch(/^active;expires=(600|599)$/);
    expect(first.header('Event')).toBe('presence');
    expect(first.header('Content-Type')).toBe('application/pidf+xml');
    expect(first.body).toContain(`entity="${uri}"`);
    expect(first.body).toContain('<basic>open</basic>');

    const sent = Date.now();
    const published = await publish(watched, pidf(uri, { activity: 'busy', note: 'writing' }));
    expect(published.status, published.text).toBe(200);
    expect(published.header('SIP-ETag')).toBeTruthy();
    expect(published.header('Expires')).toBe('600');
    const second = await watching.until(/writing/);
    expect(Date.now() - sent).toBeLessThan(1000);
    expect(second.body).toContain('busy');
    expect(sequence(second)).toBeGreaterThan(sequence(first));
  });

  test('sees who registers and who leaves, without anything published', async () => {
    made += 1;
    const account = await pool.addAccount(`leaver${made}`);
    const watcher = await openPhone(pool, await pool.addAccount(`watcher${made}`));
    const watching = await watch(watcher, `sip:${account.user}@${DOMAIN}`);
    expect((await watching.next()).body).toContain('<basic>closed</basic>');
    const phone = await openPhone(pool, account, { frontEnd: second });
    await watching.until(/<basic>open<\/basic>/);
    expect((await phone.register({ contacts: ['*'], expires: 0 })).status).toBe(200);
    await watching.until(/<basic>closed<\/basic>/);
  });

  test('a publication is changed by its entity tag, refreshed, and removed', async () => {
    const { watcher, watched, uri } = await two();
    const watching = await watch(watcher, uri);
    await watching.next();
    const first = await publish(watched, pidf(uri, { note: 'first' }));
    await watching.until(/first/);
    const changed = await publish(watched, pidf(uri, { note: 'second' }), { etag: first.header('SIP-ETag')! });
    expect(changed.status, changed.text).toBe(200);
    expect(changed.header('SIP-ETag')).not.toBe(first.header('SIP-ETag'));
    await watching.until(/second/);
    const refreshed = await publish(watched, '', { etag: changed.header('SIP-ETag')! });
    expect(refreshed.status, refreshed.text).toBe(200);
    const old = await publish(watched, '', { etag: first.header('SIP-ETag')! });
    expect(old.status).toBe(412);
    const removed = await publish(watched, '', { etag: refreshed.header('SIP-ETag')!, expires: 0 });
    expect(removed.status, removed.text).toBe(200);
    const last = await watching.next();
    expect(last.body).not.toContain('second');
  });

  test('one that ends it is told so, and hears nothing more', async () => {
    const { watcher, watched, uri } = await two();
    const watching = await watch(watcher, uri);
    await watching.next();
    expect((await watching.refresh({ expires: 0 })).status).toBe(200);
    expect((await watching.next()).header('Subscription-State')).toMatch(/^terminated;reason=/);
    await publish(watched, pidf(uri, { note: 'unheard' }));
    await expect(watcher.receive('NOTIFY', 500)).rejects.toThrow();
    expect((await watching.refresh()).status).toBe(481);
  });

  test('a question without a subscription is answered once (RFC 6665 §4.4.3)', async () => {
    const { watcher, watched, uri } = await two();
    await publish(watched, pidf(uri, { note: 'asked for' }));
    const watching = await watch(watcher, uri, { expires: 0 });
    const only = await watching.next();
    expect(only.header('Subscription-State')).toMatch(/^terminated/);
    expect(only.body).toContain('asked for');
  });
});

describe('a watcher', () => {
  test('refreshes through another front end, and is told there from then on', async () => {
    made += 1;
    const account = await pool.addAccount(`mover${made}`);
    const { watched, uri } = await two();
    const watching = await watch(await openPhone(pool, account), uri);
    const first = await watching.next();
    watching.dialog.client = await openPhone(pool, account, { frontEnd: second });
    expect((await watching.refresh()).status).toBe(200);
    const full = await watching.next();
    expect(sequence(full)).toBeGreaterThan(sequence(first));
    expect(full.header('From')).toBe(first.header('From'));
    await publish(watched, pidf(uri, { note: 'over there' }));
    await watching.until(/over there/);
  });

  test('that does not answer holds nobody up, and hears the latest when it does', async () => {
    const { watched, uri } = await two();
    const slow = await openPhone(pool, await pool.addAccount(`slow${made}`));
    const quick = await openPhone(pool, await pool.addAccount(`quick${made}`));
    const [slowly, quickly] = [await watch(slow, uri), await watch(quick, uri)];
    await quickly.next();
    const unanswered = await slow.receive('NOTIFY');
    let etag: string | undefined;
    for (const note of ['one', 'two', 'three']) {
      const published = await publish(watched, pidf(uri, { note }), etag === undefined ? {} : { etag });
      etag = published.header('SIP-ETag');
      await quickly.until(new RegExp(`>${note}<`));
    }
    await expect(slow.receive('NOTIFY', 300)).rejects.toThrow();
    slow.answer(unanswered, 200);
    const next = await slowly.next();
    expect(next.body).toContain('three');
    await expect(slow.receive('NOTIFY', 300)).rejects.toThrow();
  });

  test('that wants no more than one in two seconds gets no more (RFC 6446), until it wants them all', async () => {
    const { watcher, watched, uri } = await two();
    const watching = await watch(watcher, uri, { event: 'presence;min-interval=2' });
    const first = await watching.next();
    const at = Date.now();
    expect(first.header('Subscription-State')).toMatch(/;max-rate=0\.5;min-interval=2$/);
    expect(first.header('Event')).toBe('presence');
    const one = await publish(watched, pidf(uri, { note: 'passing' }));
    const changed = await publish(watched, pidf(uri, { note: 'lasting' }), { etag: one.header('SIP-ETag')! });
    const next = await watching.next();
    expect(next.body).toContain('lasting');
    expect(Date.now() - at).toBeGreaterThan(1800);

    expect((await watching.refresh({ headers: [['Event', 'presence']] })).status).toBe(200);
    expect((await watching.next()).header('Subscription-State')).not.toContain('min-interval');
    const again = Date.now();
    await publish(watched, pidf(uri, { note: 'at once' }), { etag: changed.header('SIP-ETag')! });
    expect((await watching.next()).body).toContain('at once');
    expect(Date.now() - again).toBeLessThan(1500);
  });

  test('that knows nothing of it (481) is told nothing more', async () => {
    const { watcher, watched, uri } = await two();
    const watching = await watch(watcher, uri);
    await watching.next(481);
    await expect.poll(async () => (await watching.refresh()).status).toBe(481);
    // A refresh that overtook the 481 was answered with what there is.
    while (await watcher.receive('NOTIFY', 300).catch(() => undefined));
    await publish(watched, pidf(uri, { note: 'for nobody' }));
    await expect(watcher.receive('NOTIFY', 500)).rejects.toThrow();
  });

  test('over UDP, not registered, is told where it asked from', async () => {
    const { watched, uri } = await two();
    const watcher = await pool.client();
    const watching = await watch(watcher, uri);
    await watching.next();
    await publish(watched, pidf(uri, { note: 'by datagram' }));
    await watching.until(/by datagram/);
  });

  test('of ones own registrations, messages and watchers sees them', async () => {
    const { watcher, watched, uri } = await two();
    const [registrations, watchers, messages] = [
      await watch(watched, uri, { event: 'reg' }),
      await watch(watched, uri, { event: 'presence.winfo' }),
      await watch(watched, uri, { event: 'message-summary' }),
    ];
    expect((await registrations.next()).header('Content-Type')).toBe('application/reginfo+xml');
    expect((await watchers.next()).header('Content-Type')).toBe('application/watcherinfo+xml');
    expect((await messages.next()).header('Content-Type')).toBe('application/simple-message-summary');
    await watch(watcher, uri);
    await watchers.until(new RegExp(watcher.account.user));
    for (const event of ['reg', 'presence.winfo', 'message-summary', 'xcap-diff']) {
      const refused = await subscribe(watcher, uri, { event });
      expect(refused.status, `${event}: ${refused.text}`).toBe(403);
    }
  });
});

test('subscriptions are counted where their watchers are', async () => {
  const count = (event: string, of?: RunningFrontEnd) => pool.metric(`rollcall_subscriptions{event="${event}"}`, of);
  const { watcher, uri } = await two();
  const before = await count('xcap-diff');
  const watching = await watch(watcher, watcher.addressOfRecord, { event: 'xcap-diff' });
  await expect.poll(() => count('xcap-diff'), { timeout: 5000 }).toBe(before + 1);
  expect(await count('xcap-diff', second)).toBe(0);
  expect((await watching.refresh({ expires: 0 })).status).toBe(200);
  await expect.poll(() => count('xcap-diff'), { timeout: 5000 }).toBe(before);
  await watch(watcher, uri);
  await expect.poll(() => count('presence'), { timeout: 5000 }).toBeGreaterThan(0);
});

test('notifications are counted', async () => {
  expect(await pool.metric('rollcall_notifications_total{result="notified"}')).toBeGreaterThan(0);
  expect(await pool.metric('rollcall_notifications_total{result="ended"}')).toBeGreaterThan(0);
});
