import { setTimeout } from 'node:timers/promises';
import type { Call, Connections, Row } from './connections.ts';
import { ConflictError } from './errors.ts';

/** Each time somebody else has changed, at that moment, what was found before the locks. */
const ATTEMPTS = 10;
/** Milliseconds at most, before the second; longer before each further one. */
const PAUSE = 10;

/** Calls a procedure that raises serialization_failure when what it was to lock has become another; nothing was changed then. */
export async function callAgain(connections: Pick<Connections, 'call'>, call: Call): Promise<Row[]> {
  for (let left = ATTEMPTS - 1; ; left--) {
    try {
      return await connections.call(call);
    } catch (error) {
      if (!(error instanceof ConflictError) || left === 0) throw error;
      await setTimeout(Math.random() * PAUSE * (ATTEMPTS - left));
    }
  }
}
