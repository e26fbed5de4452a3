import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningFrontEnd } from '@rollcall/front-end';
import type { SipAccount } from '@rollcall/test-kit';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { DOMAIN, type FrontEndPool, startFrontEndPool } from '../front-end-pool.ts';
import { type BrowserPhone, openBrowserPhone } from './browser/chromium.ts';
import { type CallingBaresip, startCallingBaresip } from './calling-baresip.ts';

let pool: FrontEndPool;
let second: RunningFrontEnd;
let folder: string;
let web: SipAccount;
let desk: SipAccount;
let browser: BrowserPhone;
let baresip: CallingBaresip;

/** JsSIP in a web page is at one front end, baresip at the other. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-jssip-'));
  pool = await startFrontEndPool();
  second = await pool.addFrontEnd();
  web = await pool.addAccount('web', 'secret-web');
  desk = await pool.addAccount('desk', 'secret-desk');

  browser = await openBrowserPhone(folder);
  const login = { socket: `ws://${pool.frontEnd.addresses.ws}/sip`, uri: `sip:web@${DOMAIN}`, password: web.password };
  await browser.run(`phone.register(${JSON.stringify(login)})`);
}, 60_000);

beforeEach(async () => {
  const outbound = `outbound="sip:${second.addresses.tcp};transport=tcp"`;
  const webRtc = 'mediaenc=dtls_srtp;medianat=ice';
  baresip = await startCallingBaresip({
    folder,
    account: `<sip:desk@${DOMAIN};transport=tcp>;${outbound};auth_user=desk;auth_pass=${desk.password};regint=600;${webRtc}`,
    contact: `"Web" <sip:web@${DOMAIN}>`,
    config: ['module dtls_srtp.so', 'module ice.so', 'module srtp.so', 'rtcp_mux yes'],
  });
  await baresip.says(/200 OK \(Rollcall\)/);
  await browser.run('phone.forget()');
});

afterEach(async () => {
  await baresip?.quit();
});

afterAll(async () => {
  await browser?.close();
  await pool?.stop();
  await rm(folder, { recursive: true, force: true });
});

const logged = () => browser.run('phone.log()') as Promise<string[]>;

test('JsSIP sends baresip a message, and baresip JsSIP', async () => {
  expect(await browser.run(`phone.message('sip:desk@${DOMAIN}', 'hello from the web')`)).toBe(200);
  await baresip.says(/hello from the web/);
  baresip.command('message', 'hello from the desk');
  await expect.poll(logged, { timeout: 5000 }).toContain('message: hello from the desk');
}, 30_000);

test('baresip calls JsSIP: the page hears it, and hangs up', async () => {
  baresip.command('dial', `sip:web@${DOMAIN}`);
  await expect.poll(logged, { timeout: 5000 }).toContain('remote call');
  await browser.run('phone.answer()');
  await baresip.says(/Call established/);
  await expect.poll(() => browser.run('phone.heard()'), { timeout: 10_000 }).toBeGreaterThan(10);
  await browser.run('phone.hangUp()');
  await baresip.says(/session closed|terminated/i);
}, 60_000);

test('JsSIP calls baresip: it hears the page, and hangs up', async () => {
  await browser.run(`phone.call('sip:desk@${DOMAIN}')`);
  await baresip.says(/Incoming call/i);
  baresip.command('accept');
  await expect.poll(logged, { timeout: 10_000 }).toContain('confirmed');
  await baresip.says(/incoming rtp for 'audio' established/);
  await expect.poll(() => browser.run('phone.heard()'), { timeout: 10_000 }).toBeGreaterThan(10);
  baresip.command('hangup');
  await expect.poll(logged, { timeout: 5000 }).toContain('ended');
}, 60_000);
