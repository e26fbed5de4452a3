import { Registerer, RegistererState, UserAgent, type UserAgentOptions } from 'sip.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type Edition, passwordOf, startEdition } from '../edition.ts';

let edition: Edition;
beforeAll(async () => {
  edition = await startEdition(4);
});
afterAll(async () => {
  await edition?.stop();
});

/** SIP.js as a web page has it; the WebSocket is Node's own. */
async function phone(user: string, options: UserAgentOptions = {}): Promise<UserAgent> {
  const userAgent = new UserAgent({
    uri: UserAgent.makeURI(`sip:${user}@${DOMAIN}`)!,
    authorizationUsername: user,
    authorizationPassword: passwordOf(user),
    transportOptions: { server: `ws://${edition.rollcall.addresses.ws}/sip`, keepAliveInterval: 1 },
    logBuiltinEnabled: false,
    ...options,
  });
  await userAgent.start();
  return userAgent;
}

/** Sends a REGISTER and returns the status of its final answer. */
function register(registerer: Registerer, how: 'register' | 'unregister' = 'register'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const done = ({ message }: { message: { statusCode?: number | undefined } }) => resolve(message.statusCode);
    registerer[how]({ requestDelegate: { onAccept: done, onReject: done } }).catch(reject);
  });
}

describe('SIP.js in a web page', () => {
  test('registers, refreshes, and takes its registration away', async () => {
    const userAgent = await phone('u1');
    const registerer = new Registerer(userAgent, { expires: 300 });
    expect(await register(registerer)).toBe(200);
    expect(registerer.state).toBe(RegistererState.Registered);
    const [endpoint, ...others] = await edition.endpoints('u1');
    expect(endpoint).toMatchObject({ transport: 'WS', uri: expect.stringMatching(/^sip:.+\.invalid;transport=ws/) });
    expect(endpoint?.userAgent).toMatch(/^SIP\.js/);
    expect(others).toEqual([]);

    expect(await register(registerer)).toBe(200);
    expect(await edition.endpoints('u1')).toHaveLength(1);

    expect(await register(registerer, 'unregister')).toBe(200);
    expect(await edition.endpoints('u1')).toEqual([]);
    await userAgent.stop();
  });

  test('with a wrong password is told so and registers nothing', async () => {
    const userAgent = await phone('u2', { authorizationPassword: 'guessed' });
    const registerer = new Registerer(userAgent);
    expect(await register(registerer)).toBe(401);
    expect(await edition.endpoints('u2')).toEqual([]);
    await userAgent.stop();
  });

  test('is two phones when it runs on two pages', async () => {
    const pages = [await phone('u3'), await phone('u3')];
    for (const page of pages) expect(await register(new Registerer(page))).toBe(200);
    expect(await edition.endpoints('u3')).toHaveLength(2);
    for (const page of pages) await page.stop();
  });
});
