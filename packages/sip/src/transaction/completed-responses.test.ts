import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CompletedResponses } from './completed-responses.ts';

test('a response is there through four rotations and gone after the fifth', () => {
  const responses = new CompletedResponses();
  responses.add(7, Buffer.from('200'));
  for (let rotation = 0; rotation < 4; rotation++) {
    responses.rotate();
    expect(responses.get(7)?.toString()).toBe('200');
  }
  responses.rotate();
  expect(responses.get(7)).toBeUndefined();
  expect(responses.size).toBe(0);
});

test('every response comes back as it was, of any length and number', () => {
  const length = fc.oneof(fc.nat(600), fc.constantFrom(0, 65_531, 65_532, 65_533, 70_000, 140_000));
  fc.assert(
    fc.property(fc.array(fc.tuple(length, fc.nat(255), fc.boolean()), { maxLength: 40 }), (entries) => {
      const responses = new CompletedResponses();
      const kept: Buffer[] = [];
      let rotations = 0;
      for (const [size, fill, rotate] of entries) {
        const bytes = Buffer.alloc(size, fill);
        responses.add(kept.length, bytes);
        kept.push(Buffer.from(bytes));
        bytes.fill(0);
        if (rotate && ++rotations <= CompletedResponses.rotations) responses.rotate();
      }
      expect(responses.size).toBe(kept.length);
      for (const [at, bytes] of kept.entries()) expect(responses.get(at)?.equals(bytes)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('a response that was handed out stays as it is when it is forgotten', () => {
  const responses = new CompletedResponses();
  responses.add(7, Buffer.from('200'));
  const response = responses.get(7);
  responses.clear();
  responses.add(8, Buffer.from('500'));
  expect(response?.toString()).toBe('200');
  expect(responses.get(7)).toBeUndefined();
});
