import type { BackEnd } from '@rollcall/back-end';
import type { Log } from '@rollcall/process';
import { Keys, type LoadedKeys } from './keys.ts';

const DAY = 86_400;
/** How long one key signs nonces and tokens; it is accepted for as long again. Seconds. */
const SIGNS = 7 * DAY;
const ROTATION = { rotateAfter: SIGNS, retireAfter: 2 * SIGNS };

/** Reads the keys of the pool from the back end, and goes on doing so. */
export async function startKeys(backEnd: BackEnd, log: Log): Promise<Keys> {
  const keys = new Keys(
    () => loadKeys(backEnd),
    (error) => log.error({ err: error }, 'keys could not be re-read'),
  );
  await keys.start();
  return keys;
}

async function loadKeys(backEnd: BackEnd): Promise<LoadedKeys> {
  const [nonce, gruu, token] = await Promise.all([
    backEnd.findKeys({ purpose: 'nonce', ...ROTATION }),
    backEnd.findKeys({ purpose: 'gruu' }),
    backEnd.findKeys({ purpose: 'token', ...ROTATION }),
  ]);
  return { nonce, gruu, token };
}
