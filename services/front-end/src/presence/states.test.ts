import type * as BackEnd from '@rollcall/back-end';
import type * as Documents from '@rollcall/presence';
import { expectTypeOf, test } from 'vitest';

test('documents and back end mean the same by what is published and seen (said by the compiler)', () => {
  expectTypeOf<Documents.PublishedState>().toEqualTypeOf<BackEnd.PublishedState>();
  expectTypeOf<Documents.PresenceState>().toEqualTypeOf<BackEnd.PresenceState>();
});
