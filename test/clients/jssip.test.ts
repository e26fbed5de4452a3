import { UA, WebSocketInterface } from 'jssip';
import type { RegisteredEvent, UAConfiguration, UnRegisteredEvent } from 'jssip/lib/UA.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type Edition, passwordOf, startEdition } from '../edition.ts';

let edition: Edition;
beforeAll(async () => {
  edition = await startEdition(4);
});
afterAll(async () => {
  await edition?.stop();
});

/** JsSIP as a web page has it; the WebSocket is Node's own. */
function phone(user: string, options: Partial<UAConfiguration> = {}): UA {
  return new UA({
    sockets: [new WebSocketInterface(`ws://${edition.rollcall.addresses.ws}/sip`)],
    uri: `sip:${user}@${DOMAIN}`,
    password: passwordOf(user),
    register_expires: 300,
    ...options,
  });
}

interface Outcome {
  registered: boolean;
  cause?: string | undefined;
  requires?: string | undefined;
}

/** How the next registration ends. */
function outcome(ua: UA): Promise<Outcome> {
  return new Promise((resolve) => {
    ua.once('registered', ({ response }: RegisteredEvent) =>
      resolve({ registered: true, requires: response.getHeader('Require') }),
    );
    ua.once('registrationFailed', ({ cause }: UnRegisteredEvent) => resolve({ registered: false, cause }));
  });
}

describe('JsSIP in a web page', () => {
  test('registers as a flow of its own, and takes its registration away', async () => {
    const ua = phone('u1');
    ua.start();
    expect(await outcome(ua)).toEqual({ registered: true, requires: 'outbound' });
    const [endpoint, ...others] = await edition.endpoints('u1');
    expect(endpoint).toMatchObject({ transport: 'WS', uri: expect.stringMatching(/^sip:.+\.invalid;transport=ws/) });
    expect(endpoint?.instance).toMatch(/^<urn:uuid:/);
    expect(endpoint?.userAgent).toMatch(/^JsSIP/);
    expect(others).toEqual([]);

    ua.unregister();
    await expect.poll(() => edition.endpoints('u1'), { timeout: 5000 }).toEqual([]);
    expect(ua.isRegistered()).toBe(false);
    ua.stop();
  });

  test('with a wrong password is told so and registers nothing', async () => {
    const ua = phone('u2', { password: 'guessed' });
    ua.start();
    expect(await outcome(ua)).toEqual({ registered: false, cause: 'Authentication Error' });
    expect(await edition.endpoints('u2')).toEqual([]);
    ua.stop();
  });

  test('registers again by itself when its connection was lost', async () => {
    const socket = new WebSocketInterface(`ws://${edition.rollcall.addresses.ws}/sip`);
    const ua = phone('u3', { sockets: [socket], connection_recovery_min_interval: 1 });
    ua.start();
    expect(await outcome(ua)).toMatchObject({ registered: true });
    const again = outcome(ua);
    (Reflect.get(socket, '_ws') as WebSocket).close(1000);
    expect(await again).toMatchObject({ registered: true });
    expect(await edition.endpoints('u3')).toHaveLength(1);
    ua.stop();
  });
});
