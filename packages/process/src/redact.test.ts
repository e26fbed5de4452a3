import { expect, test } from 'vitest';
import { redactLine } from './redact.ts';

const scrub = (fields: unknown) => redactLine(JSON.stringify(fields));

test.each([
  [{ password: 'pa"ss\\word' }],
  [{ deep: { er: { adminPassword: 'pa"ss\\word' } } }],
  [{ headers: { 'Proxy-Authorization': 'Digest response="pa"ss\\word"' } }],
  [{ msg: 'got REGISTER sip:x SIP/2.0\r\nAuthorization: Digest response=pa"ss\\word\r\nTo: <sip:a@x>' }],
  [{ flow_token: 'pa"ss\\word' }],
])('%j is logged without its secret', (fields) => {
  const line = scrub(fields);
  expect(line).not.toContain('ss\\\\word');
  expect(() => JSON.parse(line)).not.toThrow();
});

test('an HA1 is left out, as a buffer or per algorithm', () => {
  const ha1 = Buffer.from('abc');
  expect(scrub({ ha1, next: 1 })).toBe('{"ha1":"[redacted]","next":1}');
  expect(scrub({ ha1: { MD5: ha1 }, next: 1 })).toBe('{"ha1":"[redacted]","next":1}');
});

test('a database URL keeps everything but its password', () => {
  expect(scrub({ databaseUrl: 'postgres://front_end:s3cret@10.0.0.1:5432/rollcall' })).toBe(
    '{"databaseUrl":"postgres://front_end:[redacted]@10.0.0.1:5432/rollcall"}',
  );
});

test('a message keeps the header fields after Authorization', () => {
  expect(scrub({ msg: 'Authorization: Digest response=x\r\nTo: <sip:a@x>' })).toContain('To: <sip:a@x>');
});

test('what is no secret stays as it is', () => {
  const fields = { callId: 'a@b', toTag: 'x', uri: 'sip:alice@example.org', credentialVersion: 3, at: 'http://h/p' };
  expect(scrub(fields)).toBe(JSON.stringify(fields));
});

test('a long hostile line takes linear time', () => {
  const started = performance.now();
  redactLine(`{"msg":"${'authorization: "'.repeat(20_000)}${'a:'.repeat(100_000)}"`);
  expect(performance.now() - started).toBeLessThan(1_000);
});
