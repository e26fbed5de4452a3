import { readReceived } from '@rollcall/test-kit';
import { beforeEach, expect, test } from 'vitest';
import { PresenceLedger } from './ledger.ts';
import { PresenceModel } from './model.ts';
import { documentOf } from './published.ts';
import { OFFLINE, readShown } from './shown.ts';

const [ALICE, BOB] = ['alice@a.test', 'bob@a.test'];
const ACTIVE = 'active;expires=60';

let ledger: PresenceLedger;
let model: PresenceModel;

beforeEach(() => {
  ledger = new PresenceLedger();
  model = new PresenceModel();
  model.addAccount(ALICE);
  model.addAccount(BOB);
});

/** As the pool writes it. */
function pidf(availability: number): string {
  const basic = availability === 18_000 ? 'closed' : 'open';
  const number = `<availability xmlns="urn:rollcall:presence">${availability}</availability>`;
  return `<?xml version="1.0"?>\n<presence><tuple id="rollcall-user"><status><basic>${basic}</basic></status></tuple>${number}</presence>\n`;
}

function notify(callId: string, cseq: number, body: string, { state = ACTIVE, type = 'application/pidf+xml' } = {}) {
  const head = [`Call-ID: ${callId}`, `CSeq: ${cseq} NOTIFY`, `Subscription-State: ${state}`, `Content-Type: ${type}`];
  return readReceived(`NOTIFY sip:bob@127.0.0.1 SIP/2.0\r\n${head.join('\r\n')}\r\n\r\n${body}`);
}

function list(callId: string, cseq: number, version: number, full: boolean, availability: number | undefined) {
  const meta =
    availability === undefined
      ? ''
      : `<resource uri="sip:${ALICE}"><instance id="a" state="active" cid="a@a.test"/></resource>`;
  const part = (head: string, body: string) => `--b\r\n${head}\r\n\r\n${body}\r\n`;
  const body =
    part(
      'Content-Type: application/rlmi+xml',
      `<list uri="sip:x" version="${version}" fullState="${full}">${meta}</list>`,
    ) + (availability === undefined ? '' : part('Content-ID: <a@a.test>', pidf(availability)));
  return notify(callId, cseq, `${body}--b--\r\n`, { type: 'multipart/related;boundary="b"' });
}

function watch(callId: string, target: string | undefined) {
  ledger.open(callId, BOB, target).established = true;
}

test('a watcher that holds what the model says is well; one that holds something else, or nothing, is not', () => {
  watch('one', ALICE);
  expect(ledger.mismatches(model)).toHaveLength(1);
  ledger.take(notify('one', 1, pidf(18_000)), 0);
  expect(ledger.mismatches(model)).toEqual([]);
  model.register(ALICE, 'phone');
  expect(ledger.mismatches(model)).toHaveLength(1);
  ledger.take(notify('one', 2, pidf(3000)), 0);
  expect([ledger.mismatches(model), ledger.broken]).toEqual([[], []]);
});

test('a CSeq that does not rise, and an end that nobody has asked for, are broken', () => {
  watch('one', ALICE);
  ledger.take(notify('one', 2, pidf(18_000)), 0);
  ledger.take(notify('one', 2, pidf(18_000)), 0);
  expect(ledger.broken).toHaveLength(1);
  ledger.take(notify('one', 3, '', { state: 'terminated;reason=timeout' }), 0);
  expect(ledger.broken).toHaveLength(2);
});

test('a list is what the last full notification and the changes since then add up to', () => {
  watch('list', undefined);
  model.addContact(BOB, ALICE);
  ledger.take(list('list', 1, 1, true, 18_000), 0);
  expect(ledger.mismatches(model)).toEqual([]);
  model.register(ALICE, 'phone');
  ledger.take(list('list', 2, 2, false, 3000), 0);
  expect(ledger.mismatches(model)).toEqual([]);
  model.removeContact(BOB, ALICE);
  expect(ledger.mismatches(model)).toHaveLength(1);
  ledger.take(list('list', 4, 3, true, undefined), 0);
  expect([ledger.mismatches(model), ledger.broken]).toEqual([[], []]);
});

test('changes after a gap, and a version that does not rise, are broken', () => {
  watch('list', undefined);
  ledger.take(list('list', 1, 1, true, 18_000), 0);
  ledger.take(list('list', 3, 3, false, 3000), 0);
  expect(ledger.broken).toHaveLength(1);
  ledger.take(list('list', 4, 3, true, 3000), 0);
  expect(ledger.broken).toHaveLength(2);
});

test('what an account is told of itself is read from the document of its event package', () => {
  const own = (event: 'reg' | 'presence.winfo' | 'message-summary', type: string, body: string) => {
    ledger.open(event, BOB, BOB, { event }).established = true;
    ledger.take(notify(event, 1, body, { type }), 0);
    return (text: string) =>
      !ledger.mismatches(model, [0], () => ({ [event]: text })).some((line) => line.includes(`watches ${event} `));
  };
  const contact =
    '<contact id="e1" state="active" event="registered"><uri>sip:bob@1</uri><unknown-param name="+sip.instance">"&lt;urn:uuid:2>"</unknown-param></contact>';
  const reg = own('reg', 'application/reginfo+xml', `<reginfo>${contact}</reginfo>`);
  expect([reg('urn:uuid:2 sip:bob@1'), reg('')]).toEqual([true, false]);
  const watcher = (name: string) => `<watcher id="w" status="active" event="subscribe">sip:${name}</watcher>`;
  const winfo = own('presence.winfo', 'application/watcherinfo+xml', `${watcher(BOB)}${watcher(ALICE)}`);
  expect([winfo(`${ALICE}, ${BOB}`), winfo(ALICE)]).toEqual([true, false]);
  const waiting = own('message-summary', 'application/simple-message-summary', 'Pager-Message: 2/0\r\n');
  expect([waiting('2'), waiting('0')]).toEqual([true, false]);
  expect(ledger.broken).toEqual([]);
});

test('of a dialog that nobody knows, or that has ended, the pool is told so', () => {
  expect(ledger.take(notify('none', 1, pidf(3000)), 0)).toBe(false);
  watch('one', ALICE);
  ledger.forget('one');
  expect(ledger.take(notify('one', 1, pidf(3000)), 0)).toBe(false);
});

test('a document is read as it is written, and one that says two things at once is not', () => {
  expect(readShown(pidf(18_000))).toEqual(OFFLINE);
  expect(() => readShown(`${pidf(3000)}`.replace('</tuple>', '<basic>closed</basic></tuple>'))).toThrow('two things');
  expect(() => readShown('')).toThrow('no presence document');
  expect(documentOf({ open: true, note: 'n', phone: 'tel:1' }, 'sip:a')).toContain('<contact>tel:1</contact>');
});
