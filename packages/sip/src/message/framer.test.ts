import { describe, expect, test } from 'vitest';
import { type Frame, MessageFramer } from './framer.ts';
import { parseMessage } from './parse.ts';
import { SipParseError } from './parse-error.ts';

const wire = (text: string): Buffer => Buffer.from(text.replaceAll('\n', '\r\n'));
const OPTIONS = wire('OPTIONS sip:a SIP/2.0\nVia: SIP/2.0/TCP a;branch=x\nContent-Length: 0\n\n');
const MESSAGE = wire('MESSAGE sip:a SIP/2.0\nVia: SIP/2.0/TCP a;branch=y\nl : 6\nSubject: x\n\nhi\n\nx').subarray(
  0,
  -1,
);

/** Frames as text, so that they compare whatever memory they are in. */
const told = (frames: Frame[]): string[] =>
  frames.map((frame) => ('bytes' in frame ? `message ${frame.bytes.toString('latin1')}` : frame.kind));

function byteByByte(bytes: Buffer, framer = new MessageFramer()): Frame[] {
  return [...bytes].flatMap((byte) => framer.push(Buffer.from([byte])));
}

test('messages, pings and pongs come out of a stream, wherever its chunks end', () => {
  const stream = Buffer.concat([wire('\n\n'), OPTIONS, MESSAGE, wire('\n'), OPTIONS, wire('\n\n\n\n')]);
  const expected = [
    'pong',
    'ping',
    told([{ kind: 'message', bytes: OPTIONS }])[0],
    told([{ kind: 'message', bytes: MESSAGE }])[0],
  ].concat(['pong', told([{ kind: 'message', bytes: OPTIONS }])[0], 'pong', 'ping', 'pong', 'ping']);
  expect(told(new MessageFramer().push(stream))).toEqual(expected);
  expect(told(byteByByte(stream))).toEqual(expected);
  for (let cut = 1; cut < stream.length; cut++) {
    const framer = new MessageFramer();
    const frames = [...framer.push(stream.subarray(0, cut)), ...framer.push(stream.subarray(cut))];
    expect(told(frames)).toEqual(expected);
    expect(framer.held).toBe(0);
  }
});

test('a frame keeps its bytes when more come', () => {
  const framer = new MessageFramer();
  const frames = [...MESSAGE, ...OPTIONS].flatMap((byte) => framer.push(Buffer.from([byte])));
  framer.push(Buffer.alloc(500, 'x'));
  expect(told(frames)).toEqual(
    told([
      { kind: 'message', bytes: MESSAGE },
      { kind: 'message', bytes: OPTIONS },
    ]),
  );
});

test('Content-Length is found in any spelling, folded, and with lone LFs', () => {
  for (const length of ['content-LENGTH:2', 'L\t:  2 ', 'l:\r\n 2', 'Content-Length\t:\r\n\t2']) {
    const bytes = Buffer.concat([
      wire('A sip:a SIP/2.0\nContact: <sip:l>\nContent-Language: 9\n'),
      Buffer.from(`${length}\r\nX: y\r\n\r\nhi`),
    ]);
    expect(told(byteByByte(bytes))).toEqual(told([{ kind: 'message', bytes }]));
    expect(parseMessage(bytes, { stream: true }).body.toString()).toBe('hi');
  }
  const bare = Buffer.from('A sip:a SIP/2.0\nl: 2\n\nhi');
  expect(told(byteByByte(Buffer.concat([bare, bare])))).toHaveLength(2);
});

describe('what cannot be framed ends the stream', () => {
  const last = (bytes: Buffer, limits = {}): Frame | undefined => {
    const whole = new MessageFramer(limits);
    const frames = whole.push(bytes);
    const slow = byteByByte(bytes, new MessageFramer(limits));
    expect(slow.map(({ kind }) => kind)).toEqual(frames.map(({ kind }) => kind));
    expect(whole.push(OPTIONS)).toEqual([]);
    expect(whole.held).toBe(0);
    return frames.at(-1);
  };

  test.each([
    'Subject: x\n',
    'Content-Length: x\n',
    'Content-Length: -1\n',
    'Content-Length: 1 2\n',
    'Content-Length:\n',
    'Content-Length: 0\nl: 0\n',
    'Content-Length: 1\nl: 2\n',
  ])('%j is malformed, and its head is there to answer it', (lines) => {
    const frame = last(wire(`A sip:a SIP/2.0\nVia: SIP/2.0/TCP a\n${lines}\nxx`));
    expect(frame).toMatchObject({ kind: 'malformed', status: 400 });
    expect(() => parseMessage((frame as { head: Buffer }).head, { stream: true })).toThrow(SipParseError);
  });

  test('a body past the limit: 513', () => {
    const frame = last(wire('A sip:a SIP/2.0\nVia: SIP/2.0/TCP a\nl: 65536\n\n'));
    expect(frame).toMatchObject({ kind: 'too-large', status: 513 });
    try {
      parseMessage((frame as { head: Buffer }).head);
    } catch (error) {
      expect((error as SipParseError).partial).toMatchObject({ kind: 'request', method: 'A' });
    }
    expect(last(wire('A sip:a SIP/2.0\nl: 99999999999999999999999\n\n'))).toMatchObject({ kind: 'too-large' });
  });

  test('a head past the limit: 513, after no more than the limit was kept', () => {
    const frame = last(Buffer.from(`A sip:a SIP/2.0\r\n${'X: y\r\n'.repeat(1000)}`), {
      messageBytes: 2000,
      headerBytes: 1000,
    });
    expect(frame).toMatchObject({ kind: 'too-large' });
    expect((frame as { head: Buffer }).head.length).toBe(1000);
    expect(last(Buffer.alloc(70_000, 'x'))).toMatchObject({ kind: 'too-large' });
  });

  test('a CR alone between messages', () => {
    expect(last(Buffer.from('\rOPTIONS'))).toMatchObject({ kind: 'malformed' });
  });

  test('messages before the fault come out', () => {
    const framer = new MessageFramer();
    const frames = framer.push(Buffer.concat([OPTIONS, wire('B sip:a SIP/2.0\n\n'), OPTIONS]));
    expect(frames.map(({ kind }) => kind)).toEqual(['message', 'malformed']);
  });
});

test('exactly the limit is taken', () => {
  const head = wire('A sip:a SIP/2.0\nl: 50\n\n');
  const message = Buffer.concat([head, Buffer.alloc(50)]);
  expect(
    told(byteByByte(message, new MessageFramer({ messageBytes: message.length, headerBytes: head.length }))),
  ).toHaveLength(1);
  const [frame] = new MessageFramer({ messageBytes: message.length - 1 }).push(message);
  expect(frame).toMatchObject({ kind: 'too-large' });
});
