import { expect, test } from 'vitest';
import { Headers } from './headers.ts';

test('a header field is found under any case and under its compact form', () => {
  const headers = new Headers([
    ['f', '<sip:alice@example.org>;tag=1'],
    ['CALL-ID', 'x'],
    ['x-Mood', 'good'],
  ]);
  expect(headers.get('From')).toBe('<sip:alice@example.org>;tag=1');
  expect(headers.get('from')).toBe('<sip:alice@example.org>;tag=1');
  expect(headers.get('i')).toBe('x');
  expect(headers.get('X-MOOD')).toBe('good');
  expect(headers.get('To')).toBeUndefined();
});

test('known names go out in their registered spelling, unknown ones as they came', () => {
  const headers = new Headers([
    ['call-id', 'x'],
    ['cseq', '1 INVITE'],
    ['WWW-authenticate', 'Digest'],
    ['u', 'presence'],
    ['x-mY-header', '1'],
  ]);
  expect([...headers].map(([name]) => name)).toEqual([
    'Call-ID',
    'CSeq',
    'WWW-Authenticate',
    'Allow-Events',
    'x-mY-header',
  ]);
});

test('lines keep their order, and each line is one value', () => {
  const headers = new Headers().append('Via', 'b, c').append('v', 'd').append('Route', 'r').prepend('Via', 'a');
  expect(headers.getAll('Via')).toEqual(['a', 'b, c', 'd']);
  expect(headers.count('via')).toBe(3);
  expect([...headers].map(([name]) => name)).toEqual(['Via', 'Via', 'Via', 'Route']);
});

test('set replaces all lines of a name where the first one stood', () => {
  const headers = new Headers([
    ['Route', '1'],
    ['To', 't'],
    ['Route', '2'],
  ]);
  headers.set('route', '3').set('Date', 'd');
  expect([...headers]).toEqual([
    ['Route', '3'],
    ['To', 't'],
    ['Date', 'd'],
  ]);
});

test('removeFirst takes one line, remove takes all', () => {
  const headers = new Headers().append('Via', 'a').append('Via', 'b').append('Via', 'c').append('To', 't');
  expect(headers.removeFirst('v').getAll('Via')).toEqual(['b', 'c']);
  expect(headers.remove('VIA').has('Via')).toBe(false);
  expect(headers.size).toBe(1);
});

test('a copy changes on its own', () => {
  const headers = new Headers().append('To', 't');
  headers.clone().set('To', 'u').append('From', 'f');
  expect([...headers]).toEqual([['To', 't']]);
});

test('what a reader made of a line is kept with it, and goes with it', () => {
  const headers = new Headers().append('To', '1').append('Via', 'x');
  let parsed = 0;
  const parse = (text: string) => {
    parsed++;
    return { text };
  };
  expect(headers.parsedFirst('To', parse)).toBe(headers.parsedFirst('To', parse));
  expect(parsed).toBe(1);
  headers.prepend('Via', 'y').removeFirst('Via');
  headers.parsedFirst('To', parse);
  expect(parsed).toBe(1);
  expect(headers.set('To', '2').parsedFirst('To', parse)).toEqual({ text: '2' });
});

test('no value can begin a header field of its own', () => {
  const headers = new Headers().append('Subject', 'a\r\nContact: <sip:eve@evil.example>\r\n');
  expect([...headers]).toEqual([['Subject', 'a Contact: <sip:eve@evil.example>']]);
});
