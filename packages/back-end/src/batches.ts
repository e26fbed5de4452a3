import { Batcher, type BatchOptions } from './batch.ts';
import type { Connections } from './connections.ts';
import {
  type Credentials,
  checkFindCredentialsRequest,
  type FindCredentialsRequest,
  findCredentials,
} from './credential/find-credentials.ts';
import { checkUseNonceRequest, type UseNonceOutcome, type UseNonceRequest, useNonce } from './credential/use-nonce.ts';
import {
  checkStoreMessageRequest,
  type StoreMessageOutcome,
  type StoreMessageRequest,
  storeMessages,
} from './message/store-message.ts';
import { checkPublishRequest, type PublishOutcome, type PublishRequest, publish } from './presence/publish.ts';
import { register } from './registration/register.ts';
import type { RegisterOutcome } from './registration/register-outcome.ts';
import { checkRegisterRequest, type RegisterRequest } from './registration/register-request.ts';
import { checkRouteRequest, type RouteOutcome, type RouteRequest, route } from './route/route.ts';
import {
  checkSubscribeRequest,
  type SubscribeOutcome,
  type SubscribeRequest,
  subscribe,
} from './subscription/subscribe.ts';

export interface BatchesOptions {
  /** For each procedure that is called in batches. */
  batch?: Pick<BatchOptions<unknown, unknown>, 'concurrency' | 'maximumBatch' | 'maximumQueue'>;
}

/** The procedures that many requests wait for at once, and what of these may go together. */
export function createBatches(connections: Connections, options: BatchesOptions) {
  const registerBatch = new Batcher<RegisterRequest, RegisterOutcome>({
    run: (requests) => register(connections, requests),
    check: checkRegisterRequest,
    keyOf: (request) => request.addressOfRecord,
    ...options.batch,
  });
  const useNonceBatch = new Batcher<UseNonceRequest, UseNonceOutcome>({
    run: (requests) => useNonce(connections, requests),
    check: checkUseNonceRequest,
    keyOf: (request) => request.accountId,
    ...options.batch,
  });
  const findCredentialsBatch = new Batcher<FindCredentialsRequest, Credentials | undefined>({
    run: (requests) => findCredentials(connections, requests),
    check: checkFindCredentialsRequest,
    ...options.batch,
  });
  const routeBatch = new Batcher<RouteRequest, RouteOutcome>({
    run: (requests) => route(connections, requests),
    check: checkRouteRequest,
    ...options.batch,
  });
  const storeMessageBatch = new Batcher<StoreMessageRequest, StoreMessageOutcome>({
    run: (requests) => storeMessages(connections, requests),
    check: checkStoreMessageRequest,
    keyOf: (request) => request.accountId,
    ...options.batch,
  });
  const publishBatch = new Batcher<PublishRequest, PublishOutcome>({
    run: (requests) => publish(connections, requests),
    check: checkPublishRequest,
    // Not by whom it is for: nobody can make the owner of an address wait.
    keyOf: ({ actor }) => actorKey(actor),
    ...options.batch,
  });
  // One a call: its procedure takes one. It is here so that the requests of one watcher wait for each other, and all of them
  // leave connections to the other procedures.
  const subscribeBatch = new Batcher<SubscribeRequest, SubscribeOutcome>({
    run: async ([request]) => [await subscribe(connections, request!)],
    check: checkSubscribeRequest,
    keyOf: ({ actor }) => actorKey(actor),
    ...options.batch,
    ...{ concurrency: 4, maximumBatch: 1 },
  });
  return {
    register: registerBatch,
    useNonce: useNonceBatch,
    findCredentials: findCredentialsBatch,
    route: routeBatch,
    storeMessage: storeMessageBatch,
    publish: publishBatch,
    subscribe: subscribeBatch,
  };
}

/** Requests of one account wait for each other. */
function actorKey(actor: SubscribeRequest['actor']): number | string {
  if ('accountId' in actor) return actor.accountId;
  return 'watcher' in actor ? actor.watcher : `${actor.user}@${actor.domain}`;
}
