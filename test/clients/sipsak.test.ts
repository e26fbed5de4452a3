import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Edition, passwordOf, portOf, startEdition } from '../edition.ts';
import { runProgram } from './program.ts';

let edition: Edition;

beforeAll(async () => {
  edition = await startEdition(4);
});

afterAll(async () => {
  await edition?.stop();
});

/** sipsak 0.9.8.1 cuts a port of five digits to four in its URIs, so the port is given apart from them. */
function sipsak(...args: string[]) {
  const port = portOf(edition.rollcall.addresses.udp);
  return runProgram('sipsak', ['-vv', '--remote-port', port, ...args], { seconds: 10 });
}

/** Its usrloc mode: registers a Contact and checks that the answer lists it. */
function usrloc(user: string, password: string, ...args: string[]) {
  const contact = `sip:${user}@192.0.2.7:5070`;
  return sipsak('-U', '-i', '-C', contact, '-u', user, '-a', password, '-s', `sip:${user}@127.0.0.1`, ...args);
}

test('sipsak -s asks what the server can do, and is told over UDP and TCP', async () => {
  for (const transport of ['udp', 'tcp']) {
    const { status, output } = await sipsak('-s', 'sip:127.0.0.1', '--transport', transport);
    expect(output).toContain('SIP/2.0 200 OK');
    expect(output).toMatch(/^Allow: .*OPTIONS.*REGISTER/m);
    expect(status).toBe(0);
  }
});

describe('sipsak -U', () => {
  test.each([
    { user: 'u1', transport: 'udp' },
    { user: 'u2', transport: 'tcp' },
  ])('registers a phone over $transport and takes it away', async ({ user, transport }) => {
    const registered = await usrloc(user, passwordOf(user), '-x', '300', '--transport', transport);
    expect(registered.output).toContain('All usrloc tests completed successful.');
    expect(registered.status).toBe(0);
    const [endpoint, ...others] = await edition.endpoints(user);
    expect(endpoint).toMatchObject({ uri: `sip:${user}@192.0.2.7:5070`, transport: transport.toUpperCase() });
    expect(endpoint?.userAgent).toMatch(/^sipsak/);
    expect(endpoint?.expiresIn).toBeGreaterThan(280);
    expect(others).toEqual([]);

    await usrloc(user, passwordOf(user), '-x', '0', '--transport', transport);
    expect(await edition.endpoints(user)).toEqual([]);
  });

  test('with a wrong password registers nothing', async () => {
    const { status, output } = await usrloc('u3', 'guessed', '-x', '300');
    expect(status).not.toBe(0);
    expect(output).toContain('authorization failed');
    expect(await edition.endpoints('u3')).toEqual([]);
  });

  test('that wants a registration shorter than the server takes is told the shortest', async () => {
    const { status, output } = await usrloc('u4', passwordOf('u4'), '-x', '15');
    expect(output).toContain('SIP/2.0 423 ');
    expect(output).toMatch(/^Min-Expires: 60/m);
    expect(status).not.toBe(0);
  });
});
