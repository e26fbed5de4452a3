import type { Log } from '@rollcall/process';
import type { ApplicationMessage, SentMessage } from './application.ts';

type Send = (message: ApplicationMessage) => Promise<SentMessage>;

const MAXIMUM_UNDER_WAY = 100;

/** As `send`, but it never rejects, and past a bound of messages under way the outcome is 503. */
export function boundedSend(send: Send, log: Log): Send {
  let underWay = 0;
  return async (message) => {
    if (underWay >= MAXIMUM_UNDER_WAY) return { status: 503, reason: 'Overloaded' };
    underWay += 1;
    try {
      return await send(message);
    } catch (error) {
      log.error({ err: error }, 'a message of an application could not be sent');
      return { status: 500, reason: 'Server Internal Error' };
    } finally {
      underWay -= 1;
    }
  };
}
