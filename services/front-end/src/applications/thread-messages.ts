import type { ApplicationMessage, SentMessage } from './application.ts';
import type { RequestData } from './request-data.ts';
import type { Failure, Verdict } from './verdict.ts';

/** From the front end to the thread of an application. */
export type ToThread =
  | { readonly kind: 'request'; readonly id: number; readonly data: RequestData }
  | { readonly kind: 'sent'; readonly id: number; readonly outcome: SentMessage }
  /** Asks whether it still runs. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'stop' };

/** From the thread of an application to the front end. */
export type FromThread =
  | { readonly kind: 'ready'; readonly name: string; readonly methods: readonly string[] | undefined }
  /** It could not be loaded or started. */
  | { readonly kind: 'unusable'; readonly detail: string }
  | { readonly kind: 'verdict'; readonly id: number; readonly verdict: Verdict }
  /** What went wrong after its verdict. */
  | { readonly kind: 'later'; readonly failure: Failure }
  | { readonly kind: 'send'; readonly id: number; readonly message: ApplicationMessage }
  | { readonly kind: 'log'; readonly text: string }
  | { readonly kind: 'pong' }
  /** Its `stop` has ended. */
  | { readonly kind: 'stopped' };
