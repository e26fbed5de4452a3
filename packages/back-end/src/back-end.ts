import { listAccessLevels, type SetAccessLevelRequest, setAccessLevel } from './access-level/access-levels.ts';
import type { ChangeAccessRulesRequest, ReplaceAccessRulesRequest, RuleSubject } from './access-rule/access-rule.ts';
import {
  changeAccessRules,
  findAccessRules,
  listAccessRules,
  removeAccessRule,
  replaceAccessRules,
  type SetAccessRuleRequest,
  setAccessRule,
} from './access-rule/access-rules.ts';
import { type AddAccountRequest, addAccount } from './account/add-account.ts';
import type { AddressOfRecord } from './account/address-of-record.ts';
import { createDomain } from './account/create-domain.ts';
import { findChangedAccounts, type VerifiedAccount } from './account/find-changed-accounts.ts';
import { importAccounts } from './account/import-accounts.ts';
import { type ListAccountsRequest, listAccounts } from './account/list-accounts.ts';
import { listDomains } from './account/list-domains.ts';
import { removeAccount } from './account/remove-account.ts';
import { type SetAccountEnabledRequest, setAccountEnabled } from './account/set-account-enabled.ts';
import { type SetPasswordRequest, setPassword } from './account/set-password.ts';
import {
  addAccountAsAdmin,
  type ChangeAccountRequest,
  changeAccountAsAdmin,
  removeAccountAsAdmin,
} from './administration/as-admin.ts';
import { type AliasRequest, addAlias, listAliases, removeAlias } from './alias/aliases.ts';
import { Batcher, type BatchOptions } from './batch.ts';
import { type ConnectionOptions, Connections } from './connections.ts';
import { changeContacts } from './contact/change-contacts.ts';
import type { ChangeContactsRequest, FindContactsRequest } from './contact/contact.ts';
import { findContacts } from './contact/find-contacts.ts';
import { type AcknowledgeNoticeRequest, acknowledgeNotice, findNotices } from './contact/notices.ts';
import {
  type Credentials,
  checkFindCredentialsRequest,
  type FindCredentialsRequest,
  findCredentials,
} from './credential/find-credentials.ts';
import { checkUseNonceRequest, type UseNonceOutcome, type UseNonceRequest, useNonce } from './credential/use-nonce.ts';
import type { LockDirectoryRequest } from './directory/directory-lock.ts';
import { allowDirectoryRun, directoryStatus, findSignIn, listDirectoryProblems } from './directory/directory-status.ts';
import { lockDirectory } from './directory/lock-directory.ts';
import { type FindEndpointEventsRequest, findEndpointEvents } from './event/find-endpoint-events.ts';
import { findFrontEnds } from './front-end/find-front-ends.ts';
import { type JoinFrontEndRequest, joinFrontEnd } from './front-end/join-front-end.ts';
import { leaveFrontEnd } from './front-end/leave-front-end.ts';
import { listFrontEnds } from './front-end/list-front-ends.ts';
import { removeDeadFrontEnds } from './front-end/remove-dead-front-ends.ts';
import { type RenewFrontEndLeaseRequest, renewFrontEndLease } from './front-end/renew-front-end-lease.ts';
import { type FindKeysRequest, findKeys } from './key/find-keys.ts';
import { type FindMessagesRequest, findMessages } from './message/find-messages.ts';
import { type KeepMessageRequest, keepMessage } from './message/keep-message.ts';
import { type MessageDeliveredRequest, messageDelivered } from './message/message-delivered.ts';
import { type ReleaseMessagesRequest, releaseMessages } from './message/release-messages.ts';
import { removeExpiredMessages } from './message/remove-expired-messages.ts';
import {
  checkStoreMessageRequest,
  type StoreMessageOutcome,
  type StoreMessageRequest,
  storeMessages,
} from './message/store-message.ts';
import { type TakeMessagesRequest, takeMessages } from './message/take-messages.ts';
import { checkPresence } from './presence/check-presence.ts';
import { type FindPresenceRequest, findPresence } from './presence/find-presence.ts';
import { checkPublishRequest, type PublishOutcome, type PublishRequest, publish } from './presence/publish.ts';
import { getPresence, type SetPresenceRequest, setPresence } from './presence/set-presence.ts';
import { type ListEndpointsRequest, listEndpoints } from './registration/list-endpoints.ts';
import { checkRegisterRequest, type RegisterOutcome, type RegisterRequest, register } from './registration/register.ts';
import { removeExpiredEndpoints } from './registration/remove-expired-endpoints.ts';
import { type MarkEndpointStaleRequest, markEndpointStale } from './route/mark-endpoint-stale.ts';
import { checkRouteRequest, type RouteOutcome, type RouteRequest, route } from './route/route.ts';
import { closeSession } from './session/close-session.ts';
import { type OpenSessionRequest, openSession } from './session/open-session.ts';
import { type RefreshSessionRequest, refreshSession } from './session/refresh-session.ts';
import { type RegisterInSessionRequest, registerInSession } from './session/register-in-session.ts';
import { type RemoveExpiredSessionsRequest, removeExpiredSessions } from './session/remove-expired-sessions.ts';
import type { SessionReference } from './session/session.ts';
import { sessionHolds } from './session/session-holds.ts';
import { adoptSubscriptions, endSubscriptions, loseSubscriptions, renotify } from './subscription/end-subscriptions.ts';
import type { SubscriptionReference } from './subscription/notification.ts';
import { removeExpiredSubscriptions } from './subscription/remove-expired-subscriptions.ts';
import {
  checkSubscribeRequest,
  type SubscribeOutcome,
  type SubscribeRequest,
  subscribe,
} from './subscription/subscribe.ts';
import { type TakeNotificationsRequest, takeNotifications } from './subscription/take-notifications.ts';

export interface BackEndOptions extends ConnectionOptions {
  /** For each procedure that is called in batches. */
  batch?: Pick<BatchOptions<unknown, unknown>, 'concurrency' | 'maximumBatch' | 'maximumQueue'>;
}

export type BackEnd = ReturnType<typeof createBackEnd>;

/**
 * Opens the back end: one function a procedure. Each resolves after its transaction has committed, and rejects with a
 * BackEndError (errors.ts) only. The first call makes the first connection, so that a back end that is down does not
 * keep a front end from starting.
 */
export async function openBackEnd(options: BackEndOptions): Promise<BackEnd> {
  return createBackEnd(new Connections(options), options);
}

function createBackEnd(connections: Connections, options: BackEndOptions) {
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
    // Hot: many requests a call.
    register: (request: RegisterRequest) => registerBatch.submit(request),
    useNonce: (request: UseNonceRequest) => useNonceBatch.submit(request),
    findCredentials: (request: FindCredentialsRequest) => findCredentialsBatch.submit(request),
    route: (request: RouteRequest) => routeBatch.submit(request),
    storeMessage: (request: StoreMessageRequest) => storeMessageBatch.submit(request),

    publish: (request: PublishRequest) => publishBatch.submit(request),

    setPresence: (request: SetPresenceRequest) => setPresence(connections, request),
    getPresence: (request: { accountId: number; now?: Date }) => getPresence(connections, request),
    findPresence: (request: FindPresenceRequest) => findPresence(connections, request),
    checkPresence: (request?: { limit?: number; now?: Date }) => checkPresence(connections, request),
    subscribe: (request: SubscribeRequest) => subscribeBatch.submit(request),
    takeNotifications: (request: TakeNotificationsRequest) => takeNotifications(connections, request),
    endSubscriptions: (subscriptions: readonly (SubscriptionReference & { cseq?: number })[]) =>
      endSubscriptions(connections, subscriptions),
    loseSubscriptions: (subscriptions: readonly (SubscriptionReference & { frontEndId: number; flow: string })[]) =>
      loseSubscriptions(connections, subscriptions),
    renotify: (request: { frontEndId: number }) => renotify(connections, request),
    adoptSubscriptions: (request: { frontEndId: number; limit?: number }) => adoptSubscriptions(connections, request),
    removeExpiredSubscriptions: (request: { frontEndId: number; limit?: number; now?: Date }) =>
      removeExpiredSubscriptions(connections, request),

    markEndpointStale: (request: MarkEndpointStaleRequest) => markEndpointStale(connections, request),
    takeMessages: (request: TakeMessagesRequest) => takeMessages(connections, request),
    messageDelivered: (request: MessageDeliveredRequest) => messageDelivered(connections, request),
    releaseMessages: (request: ReleaseMessagesRequest) => releaseMessages(connections, request),
    keepMessage: (request: KeepMessageRequest) => keepMessage(connections, request),
    findMessages: (request: FindMessagesRequest) => findMessages(connections, request),
    removeExpiredMessages: (request?: { limit?: number; now?: Date }) => removeExpiredMessages(connections, request),

    addAlias: (request: AliasRequest) => addAlias(connections, request),
    removeAlias: (request: AliasRequest) => removeAlias(connections, request),
    listAliases: (account: AddressOfRecord) => listAliases(connections, account),
    setAccessRule: (request: SetAccessRuleRequest) => setAccessRule(connections, request),
    removeAccessRule: (request: { account: AddressOfRecord; subject: RuleSubject }) =>
      removeAccessRule(connections, request),
    listAccessRules: (account: AddressOfRecord) => listAccessRules(connections, account),
    findAccessRules: (request: { accountId: number }) => findAccessRules(connections, request),
    changeAccessRules: (request: ChangeAccessRulesRequest) => changeAccessRules(connections, request),
    replaceAccessRules: (request: ReplaceAccessRulesRequest) => replaceAccessRules(connections, request),
    listAccessLevels: () => listAccessLevels(connections),
    setAccessLevel: (request: SetAccessLevelRequest) => setAccessLevel(connections, request),

    findContacts: (request: FindContactsRequest) => findContacts(connections, request),
    changeContacts: (request: ChangeContactsRequest) => changeContacts(connections, request),
    findNotices: (accountId: number) => findNotices(connections, accountId),
    acknowledgeNotice: (request: AcknowledgeNoticeRequest) => acknowledgeNotice(connections, request),

    listEndpoints: (request?: ListEndpointsRequest) => listEndpoints(connections, request),
    removeExpiredEndpoints: (request?: { limit?: number; now?: Date }) => removeExpiredEndpoints(connections, request),

    createDomain: (name: string) => createDomain(connections, name),
    listDomains: () => listDomains(connections),
    addAccount: (request: AddAccountRequest) => addAccount(connections, request),
    importAccounts: (accounts: readonly AddAccountRequest[]) => importAccounts(connections, accounts),
    setPassword: (request: SetPasswordRequest) => setPassword(connections, request),
    setAccountEnabled: (request: SetAccountEnabledRequest) => setAccountEnabled(connections, request),
    removeAccount: (address: AddressOfRecord) => removeAccount(connections, address),
    findChangedAccounts: <Verified extends VerifiedAccount>(verified: readonly Verified[]) =>
      findChangedAccounts(connections, verified),
    listAccounts: (request?: ListAccountsRequest) => listAccounts(connections, request),

    lockDirectory: (request: LockDirectoryRequest) => lockDirectory(options, request),
    directoryStatus: () => directoryStatus(connections),
    listDirectoryProblems: (request?: { limit?: number }) => listDirectoryProblems(connections, request),
    allowDirectoryRun: (request?: { percent?: number }) => allowDirectoryRun(connections, request),
    findSignIn: (address: AddressOfRecord) => findSignIn(connections, address),

    joinFrontEnd: (request: JoinFrontEndRequest) => joinFrontEnd(connections, request),
    renewFrontEndLease: (request: RenewFrontEndLeaseRequest) => renewFrontEndLease(connections, request),
    leaveFrontEnd: (frontEndId: number) => leaveFrontEnd(connections, frontEndId),
    findFrontEnds: () => findFrontEnds(connections),
    listFrontEnds: (request?: { now?: Date }) => listFrontEnds(connections, request),
    removeDeadFrontEnds: (request?: { limit?: number; now?: Date }) => removeDeadFrontEnds(connections, request),

    findKeys: (request: FindKeysRequest) => findKeys(connections, request),

    openSession: (request: OpenSessionRequest) => openSession(connections, request),
    refreshSession: (request: RefreshSessionRequest) => refreshSession(connections, request),
    closeSession: (request: { accountId: number; sessionId: string }) => closeSession(connections, request),
    sessionHolds: (request: SessionReference & { now?: Date }) => sessionHolds(connections, request),
    registerInSession: (request: RegisterInSessionRequest) => registerInSession(connections, request),
    removeExpiredSessions: (request?: RemoveExpiredSessionsRequest) => removeExpiredSessions(connections, request),
    findEndpointEvents: (requests: readonly FindEndpointEventsRequest[]) => findEndpointEvents(connections, requests),
    addAccountAsAdmin: (admin: SessionReference, request: AddAccountRequest) =>
      addAccountAsAdmin(connections, admin, request),
    changeAccountAsAdmin: (admin: SessionReference, request: ChangeAccountRequest) =>
      changeAccountAsAdmin(connections, admin, request),
    removeAccountAsAdmin: (admin: SessionReference, address: AddressOfRecord) =>
      removeAccountAsAdmin(connections, admin, address),

    /** Finishes the batches in flight and those that wait, then closes the connections. */
    close: async () => {
      const batches = [
        registerBatch,
        useNonceBatch,
        findCredentialsBatch,
        routeBatch,
        storeMessageBatch,
        publishBatch,
        subscribeBatch,
      ];
      await Promise.all(batches.map((batch) => batch.close()));
      await connections.close();
    },
  };
}

/** Requests of one account wait for each other. */
function actorKey(actor: SubscribeRequest['actor']): number | string {
  if ('accountId' in actor) return actor.accountId;
  return 'watcher' in actor ? actor.watcher : `${actor.user}@${actor.domain}`;
}
