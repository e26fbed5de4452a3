import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DOMAIN, type Edition, passwordOf, portOf, startEdition } from '../edition.ts';
import { type Baresip, startBaresip } from './baresip.ts';

let edition: Edition;
let running: Baresip | undefined;

beforeAll(async () => {
  // Short registrations, so that a refresh can be waited for.
  edition = await startEdition(9, ['--min-expires', '2', '--default-expires', '60']);
});

afterEach(async () => {
  await running?.kill();
  running = undefined;
});

afterAll(async () => {
  await edition?.stop();
});

const sip = () => `127.0.0.1:${portOf(edition.rollcall.addresses.tcp)}`;
const sips = () => `127.0.0.1:${portOf(edition.rollcall.addresses.tls)}`;
const login = (user: string) => `auth_user=${user};auth_pass=${passwordOf(user)}`;

async function baresip(account: string, ...config: string[]): Promise<Baresip> {
  running = await startBaresip({ folder: edition.folder, account, config });
  return running;
}

describe('baresip registers, is listed, and is gone when it quits', () => {
  const trusting = () => [
    'sip_verify_server yes',
    `sip_cafile ${join(edition.rollcall.data, 'tls', 'self-signed.crt')}`,
  ];
  test.each([
    { way: 'UDP', user: 'u1', account: () => `<sip:u1@${sip()}>`, config: () => [] },
    { way: 'TCP', user: 'u2', account: () => `<sip:u2@${sip()};transport=tcp>`, config: () => [] },
    {
      way: 'TLS',
      title: 'TLS, with any certificate',
      user: 'u3',
      account: () => `<sip:u3@${sips()};transport=tls>`,
      config: () => ['sip_verify_server no'],
    },
    {
      way: 'TLS',
      title: 'TLS, trusting the certificate of the data folder, through an outbound proxy',
      user: 'u4',
      account: () => `<sip:u4@${DOMAIN}>;outbound="sip:${sips()};transport=tls"`,
      config: trusting,
    },
  ])('over $way: $user', async ({ way, user, account, config }) => {
    const phone = await baresip(`${account()};${login(user)};regint=60`, ...config());
    await phone.says(new RegExp(`\\{0/${way}/v4\\} 200 OK \\(Rollcall\\) \\[1 binding\\]`));
    const [endpoint, ...others] = await edition.endpoints(user);
    expect(endpoint).toMatchObject({ account: `sip:${user}@${DOMAIN}`, transport: way });
    expect(endpoint?.userAgent).toMatch(/^baresip/);
    expect(endpoint?.expiresIn).toBeGreaterThan(50);
    expect(others).toEqual([]);

    await phone.quit();
    expect(await edition.endpoints(user)).toEqual([]);
  });
});

test('baresip with a wrong password is not registered, and says so', async () => {
  const phone = await baresip(`<sip:u5@${sip()}>;auth_user=u5;auth_pass=guessed;regint=60`);
  // It tries again and again, until it is told to wait.
  await phone.says(/reg: sip:u5@\S+: 503 Too Many Failed Attempts/);
  expect(await edition.endpoints('u5')).toEqual([]);
});

test.each([
  { transport: 'udp', user: 'u6' },
  { transport: 'tcp', user: 'u7' },
])('baresip over $transport registers again in time, and stays one endpoint', async ({ transport, user }) => {
  const phone = await baresip(`<sip:${user}@${sip()};transport=${transport}>;${login(user)};regint=3`);
  // It refreshes at 90% of the time; a second answer with 200 is to a refresh.
  await phone.says(/(?:SIP\/2\.0 200 OK.*?){2}/s);
  expect(await edition.endpoints(user)).toMatchObject([{ transport: transport.toUpperCase() }]);
  const challenges = phone.output().match(/SIP\/2\.0 401 /g)?.length ?? 0;
  // A connection that has proved who it is is trusted; UDP has none.
  if (transport === 'tcp') expect(challenges).toBe(1);
});

test('baresip that is killed leaves the list by itself when its time is over', async () => {
  const phone = await baresip(`<sip:u8@${sip()}>;${login('u8')};regint=3`);
  await phone.says(/200 OK \(Rollcall\)/);
  expect(await edition.endpoints('u8')).toHaveLength(1);
  await phone.kill();
  await expect.poll(() => edition.endpoints('u8'), { timeout: 8000, interval: 300 }).toEqual([]);
});

test('baresip with sipnat=outbound registers its instance and flow, and keeps the connection alive', async () => {
  const outbound = `outbound="sip:${sip()};transport=tcp";sipnat=outbound`;
  const phone = await baresip(`<sip:u9@${DOMAIN}>;${outbound};${login('u9')};regint=60`);
  await phone.says(/200 OK \(Rollcall\)/);
  const [endpoint] = await edition.endpoints('u9');
  expect(endpoint).toMatchObject({ regId: 1, transport: 'TCP' });
  expect(endpoint?.instance).toMatch(/^<urn:uuid:[0-9a-f-]{36}>$/);
  // RFC 5626 §6: it is told that its flow is kept.
  expect(phone.output()).toMatch(/^Require: outbound/m);
  await phone.quit();
  expect(await edition.endpoints('u9')).toEqual([]);
});
