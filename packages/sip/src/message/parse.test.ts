import { describe, expect, test } from 'vitest';
import type { SipMessage, SipRequest } from './message.ts';
import { parseMessage } from './parse.ts';
import { SipParseError } from './parse-error.ts';

const parse = (text: string, stream = false): SipMessage =>
  parseMessage(Buffer.from(text.replaceAll('\n', '\r\n')), { stream });
const OPTIONS = 'OPTIONS sip:example.org SIP/2.0\nVia: SIP/2.0/UDP a.example.org;branch=z9hG4bK1\n';

function fault(text: string | Buffer, stream = false): SipParseError {
  try {
    parseMessage(typeof text === 'string' ? Buffer.from(text.replaceAll('\n', '\r\n')) : text, { stream });
  } catch (error) {
    if (error instanceof SipParseError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

test('a request is read', () => {
  const request = parse(`${OPTIONS}To: sip:example.org\nContent-Length: 2\n\nhi`) as SipRequest;
  expect(request).toMatchObject({ kind: 'request', method: 'OPTIONS', uri: 'sip:example.org' });
  expect([...request.headers]).toEqual([
    ['Via', 'SIP/2.0/UDP a.example.org;branch=z9hG4bK1'],
    ['To', 'sip:example.org'],
    ['Content-Length', '2'],
  ]);
  expect(request.body.toString()).toBe('hi');
});

test('a response is read, with and without a reason', () => {
  expect(parse('SIP/2.0 404 Not Found\n\n')).toMatchObject({ kind: 'response', status: 404, reason: 'Not Found' });
  expect(parse('sip/2.0 200 \n\n')).toMatchObject({ status: 200, reason: '' });
  expect(parse('SIP/2.0 200\n\n')).toMatchObject({ status: 200, reason: '' });
});

describe('clients take liberties', () => {
  test('line ends before the start line are passed over', () => {
    expect(parse(`\n\n${OPTIONS}\n`)).toMatchObject({ method: 'OPTIONS' });
  });

  test('lines may end with a lone LF, even where the body has CRLF', () => {
    const message = parseMessage(
      Buffer.from('MESSAGE sip:a@b SIP/2.0\nTo: <sip:a@b>\nSubject: x\n y\n\nhi\r\n\r\nthere'),
    );
    expect(message.headers.get('Subject')).toBe('x y');
    expect(message.body.toString()).toBe('hi\r\n\r\nthere');
  });

  test('a datagram without Content-Length has the rest as its body', () => {
    expect(parse(`${OPTIONS}\n`).body.length).toBe(0);
    expect(parse(`${OPTIONS}\nrest`).body.toString()).toBe('rest');
  });

  test('a datagram that is longer than Content-Length says is cut', () => {
    expect(parse(`${OPTIONS}l: 3\n\nrest`).body.toString()).toBe('res');
  });

  test('folded lines are one value, with one space where the fold was', () => {
    expect(parse(`${OPTIONS}Subject:\n a\n\t b \n  c\n\n`).headers.get('s')).toBe('a b c');
  });

  test('text that is not UTF-8 is read as Latin-1', () => {
    const head = Buffer.from('MESSAGE sip:a@b SIP/2.0\r\nSubject: caf\xe9\r\n\r\n\xff', 'latin1');
    expect(parseMessage(head).headers.get('Subject')).toBe('café');
    expect(parseMessage(head).body).toEqual(Buffer.from([0xff]));
  });

  test('UTF-8 in the head does not move the body', () => {
    const message = parse('MESSAGE sip:a@b SIP/2.0\nSubject: 大停電 👋\nl: 8\n\n👋body…');
    expect(message.headers.get('Subject')).toBe('大停電 👋');
    expect(message.body.toString()).toBe('👋body');
  });

  test('bytes in the body that are no UTF-8 do not spoil the head', () => {
    const bytes = Buffer.concat([
      Buffer.from('MESSAGE sip:a@b SIP/2.0\r\nSubject: 大\r\n\r\n'),
      Buffer.from([0xff, 0xfe, 0]),
    ]);
    expect(parseMessage(bytes).headers.get('Subject')).toBe('大');
    expect(parseMessage(bytes).body).toEqual(Buffer.from([0xff, 0xfe, 0]));
  });
});

describe('what is refused', () => {
  test.each([
    ['OPTIONS sip:example.org\n\n', 'Malformed Request-Line'],
    ['OPTIONS  sip:example.org SIP/2.0\n\n', 'Malformed Request-Line'],
    ['OPTIONS sip:example.org SIP/2.0 \n\n', 'Malformed Request-Line'],
    ['OPTIONS sip:a b SIP/2.0\n\n', 'Malformed Request-Line'],
    ['OPTIONS sip:example.org HTTP/1.1\n\n', 'Malformed Request-Line'],
    ['OPT(IONS sip:example.org SIP/2.0\n\n', 'Malformed Request-Line'],
    ['SIP/2.0 99 Low\n\n', 'Malformed Status-Line'],
    ['SIP/2.0 700 High\n\n', 'Malformed Status-Line'],
    ['SIP/3.0 200 OK\n\n', 'Malformed Status-Line'],
    [`${OPTIONS}no colon\n\n`, 'Malformed Header Field'],
    [`${OPTIONS}bad name: x\n\n`, 'Malformed Header Field Name'],
    [`${OPTIONS}: x\n\n`, 'Malformed Header Field Name'],
    [`${OPTIONS}Content-Length: 5\n\nhi`, 'Content-Length Larger Than Message'],
    [`${OPTIONS}Content-Length: 99999999999999999999\n\nhi`, 'Content-Length Larger Than Message'],
    [`${OPTIONS}Content-Length: -1\n\nhi`, 'Malformed Content-Length'],
    [`${OPTIONS}Content-Length: 2\nl: 2\n\nhi`, 'Malformed Content-Length'],
    [`${OPTIONS}Content-Length: 2`, 'Incomplete Message'],
    [`${OPTIONS}${'X: y\n'.repeat(256)}\n`, 'Too Many Header Fields'],
    [`${OPTIONS}X: ${'y'.repeat(20_000)}\n\n`, 'Malformed Header Field'],
    ['', 'Malformed Request-Line'],
    ['\n\n', 'Malformed Request-Line'],
  ])('%j: %s', (text, reason) => {
    expect(fault(text)).toMatchObject({ status: 400, reason });
  });

  test('another version: 505', () => {
    expect(fault('OPTIONS sip:example.org SIP/3.0\n\n')).toMatchObject({ status: 505 });
  });

  test('a lone CR in a value, which another server could take for a line end', () => {
    expect(fault(Buffer.from('OPTIONS sip:a SIP/2.0\r\nSubject: a\rContact: b\r\n\r\n'))).toMatchObject({
      status: 400,
    });
  });

  test('a stream message without Content-Length', () => {
    expect(fault(`${OPTIONS}\n`, true)).toMatchObject({ reason: 'Missing Content-Length' });
    expect(parse(`${OPTIONS}l:0\n\n`, true)).toMatchObject({ method: 'OPTIONS' });
  });

  test('what could be read of a faulty request is there to answer it', () => {
    const { partial } = fault(`${OPTIONS}no colon\nTo: sip:a@b\nContent-Length: 9\n\n`);
    expect(partial).toMatchObject({ kind: 'request', method: 'OPTIONS' });
    expect(partial!.headers.get('To')).toBe('sip:a@b');
    expect(fault('SIP/2.0 200 OK\nno colon\n\n').partial).toMatchObject({ kind: 'response' });
    expect(fault('\u0000\u0001').partial).toBeUndefined();
  });
});

test('a reason phrase may hold any character of a line, U+2028 too', () => {
  const response = parseMessage(Buffer.from('SIP/2.0 200 one\u2028two\r\nContent-Length: 0\r\n\r\n'));
  expect(response).toMatchObject({ kind: 'response', status: 200, reason: 'one\u2028two' });
});
