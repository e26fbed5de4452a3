/** What a message is about, with the form of its keys. */
export const TOPICS = [
  /** `user@domain` of an account that was disabled, enabled or removed, or whose password changed. */
  'account',
  /** `endpointKey(…)` of an endpoint that has something new to hear. */
  'endpoint',
  /** `encodeRemoval(…)`: an endpoint that has left, for the front end that holds its flow. */
  'removal',
  /** `ACCOUNT_ID/MESSAGE_ID` of a message that an HTTP client has acknowledged. */
  'message',
  /** Id of an account whose watchers, or whose own subscriptions, have something new to hear. */
  'presence',
  /** Id of an account that somebody has added to their contacts. */
  'contact',
] as const;

export type Topic = (typeof TOPICS)[number];

/** Undefined: messages may have been lost, or anything may have changed. Ask the back end. */
export type Keys = readonly string[] | undefined;

/**
 * Wakes the other processes of a pool up, and its own. It carries no state: a message may be lost, come twice or come
 * late, so whoever subscribes also asks the back end now and then.
 */
export interface Bus {
  /** False while its server is away: what is published waits, as far as there is room. */
  readonly connected: boolean;
  /** Tells every process of the pool, this one too. Call it after the commit. Never throws, never waits. */
  publish(topic: Topic, keys: readonly string[]): void;
  /** `handler` must not throw. The function returned ends the subscription. */
  subscribe(topic: Topic, handler: (keys: Keys) => void): () => void;
  /** Resolves when the first attempt to connect has ended, well or not; after that it reconnects by itself. */
  start(): Promise<void>;
  /** Sends what waits, for two seconds at most, and disconnects. */
  close(): Promise<void>;
}
