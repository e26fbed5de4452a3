import { randomUUID } from 'node:crypto';
import type { RunningFrontEnd } from '@rollcall/front-end';
import { type SipAccount, type SipAnswer, SipClient, type SipTransport } from '@rollcall/test-kit';
import { expect } from 'vitest';
import type { FrontEndPool } from './front-end-pool.ts';

export interface PhoneOptions {
  frontEnd?: RunningFrontEnd;
  transport?: SipTransport;
  /** `urn:uuid:…`; a device keeps its own when it connects anew. */
  instance?: string;
  /** Contact parameters, e.g. `;q=0.5`. */
  parameters?: string;
}

/** A phone of that account, which has registered. */
export async function openPhone(
  pool: FrontEndPool,
  account: SipAccount,
  options: PhoneOptions = {},
): Promise<SipClient> {
  const { transport = 'TCP', frontEnd } = options;
  const phone = await pool.client({ account, transport, ...(frontEnd && { frontEnd }) });
  await registerFirst(phone, options);
  return phone;
}

/** The same at `to`, which need not be a front end of this process; who opens it closes it. */
export async function openPhoneAt(
  to: string,
  account: SipAccount,
  options: Omit<PhoneOptions, 'frontEnd'> = {},
): Promise<SipClient> {
  const phone = await SipClient.open(account, { transport: options.transport ?? 'TCP', to });
  await registerFirst(phone, options);
  return phone;
}

async function registerFirst(phone: SipClient, options: PhoneOptions): Promise<void> {
  const { transport = 'TCP', instance = newInstance(), parameters = '' } = options;
  phone.contactParameters = transport === 'UDP' ? '' : `;transport=${transport.toLowerCase()}`;
  await registerPhone(phone, instance, parameters);
}

/** Registers one contact with an instance, as a flow of its own (RFC 5626). */
export async function registerPhone(phone: SipClient, instance: string, parameters = ''): Promise<SipAnswer> {
  const contacts = [phone.contact(`;+sip.instance="<${instance}>";reg-id=1${parameters}`)];
  const answer = await phone.register({ contacts, supported: 'path, outbound', expires: 600 });
  expect(answer.status, answer.text).toBe(200);
  return answer;
}

export function newInstance(): string {
  return `urn:uuid:${randomUUID()}`;
}

/** A session description; the version tells one from the next. */
export function sdp(version = 1): string {
  const lines = [
    'v=0',
    `o=- 1 ${version} IN IP4 127.0.0.1`,
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=audio 6000 RTP/AVP 0',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

export const SDP = ['Content-Type', 'application/sdp'] as const;
