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
import { findPerson, listPeople, searchPeople } from './address-book/people.ts';
import type { FindPersonRequest, ListPeopleRequest, SearchPeopleRequest } from './address-book/person.ts';
import {
  addAccountAsAdmin,
  type ChangeAccountRequest,
  changeAccountAsAdmin,
  removeAccountAsAdmin,
} from './administration/as-admin.ts';
import { type AliasRequest, addAlias, listAliases, removeAlias } from './alias/aliases.ts';
import { type BatchesOptions, createBatches } from './batches.ts';
import { type ConnectionOptions, Connections } from './connections.ts';
import { changeContacts } from './contact/change-contacts.ts';
import type { ChangeContactsRequest, FindContactsRequest } from './contact/contact.ts';
import { findContacts } from './contact/find-contacts.ts';
import { type AcknowledgeNoticeRequest, acknowledgeNotice, findNotices } from './contact/notices.ts';
import {
  type AddAppPasswordRequest,
  type AppPasswordOwner,
  addAppPassword,
  listAppPasswords,
  removeAppPassword,
} from './credential/app-passwords.ts';
import { type FindCertifiedAccountRequest, findCertifiedAccount } from './credential/find-certified-account.ts';
import type { FindCredentialsRequest } from './credential/find-credentials.ts';
import type { UseNonceRequest } from './credential/use-nonce.ts';
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
import type { StoreMessageRequest } from './message/store-message.ts';
import { type TakeMessagesRequest, takeMessages } from './message/take-messages.ts';
import { checkPresence } from './presence/check-presence.ts';
import { type FindPresenceRequest, findPresence } from './presence/find-presence.ts';
import type { PublishRequest } from './presence/publish.ts';
import { getPresence, type SetPresenceRequest, setPresence } from './presence/set-presence.ts';
import { type ListEndpointsRequest, listEndpoints } from './registration/list-endpoints.ts';
import type { RegisterRequest } from './registration/register-request.ts';
import { removeExpiredEndpoints } from './registration/remove-expired-endpoints.ts';
import { type MarkEndpointStaleRequest, markEndpointStale } from './route/mark-endpoint-stale.ts';
import type { RouteRequest } from './route/route.ts';
import { closeSession } from './session/close-session.ts';
import { type OpenSessionRequest, openSession } from './session/open-session.ts';
import { type RefreshSessionRequest, refreshSession } from './session/refresh-session.ts';
import { type RegisterInSessionRequest, registerInSession } from './session/register-in-session.ts';
import { type RemoveExpiredSessionsRequest, removeExpiredSessions } from './session/remove-expired-sessions.ts';
import type { SessionReference } from './session/session.ts';
import { sessionHolds } from './session/session-holds.ts';
import { countSubscriptions } from './subscription/count-subscriptions.ts';
import {
  adoptSubscriptions,
  endSubscriptions,
  loseSubscriptions,
  renotify,
  renotifySubscriptions,
} from './subscription/end-subscriptions.ts';
import type { SubscriptionReference } from './subscription/notification.ts';
import { removeExpiredSubscriptions } from './subscription/remove-expired-subscriptions.ts';
import type { SubscribeRequest } from './subscription/subscribe.ts';
import { type TakeNotificationsRequest, takeNotifications } from './subscription/take-notifications.ts';

export interface BackEndOptions extends ConnectionOptions, BatchesOptions {}

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
  const batches = createBatches(connections, options);

  return {
    // Hot: many requests a call.
    register: (request: RegisterRequest) => batches.register.submit(request),
    useNonce: (request: UseNonceRequest) => batches.useNonce.submit(request),
    findCredentials: (request: FindCredentialsRequest) => batches.findCredentials.submit(request),
    findCertifiedAccount: (request: FindCertifiedAccountRequest) => findCertifiedAccount(connections, request),
    route: (request: RouteRequest) => batches.route.submit(request),
    storeMessage: (request: StoreMessageRequest) => batches.storeMessage.submit(request),

    publish: (request: PublishRequest) => batches.publish.submit(request),

    setPresence: (request: SetPresenceRequest) => setPresence(connections, request),
    getPresence: (request: { accountId: number; now?: Date }) => getPresence(connections, request),
    findPresence: (request: FindPresenceRequest) => findPresence(connections, request),
    checkPresence: (request?: { limit?: number; now?: Date }) => checkPresence(connections, request),
    subscribe: (request: SubscribeRequest) => batches.subscribe.submit(request),
    takeNotifications: (request: TakeNotificationsRequest) => takeNotifications(connections, request),
    endSubscriptions: (subscriptions: readonly (SubscriptionReference & { cseq?: number })[]) =>
      endSubscriptions(connections, subscriptions),
    loseSubscriptions: (subscriptions: readonly (SubscriptionReference & { frontEndId: number; flow: string })[]) =>
      loseSubscriptions(connections, subscriptions),
    renotify: (request: { frontEndId: number }) => renotify(connections, request),
    renotifySubscriptions: (request: Parameters<typeof renotifySubscriptions>[1]) =>
      renotifySubscriptions(connections, request),
    countSubscriptions: (request: { frontEndId: number; now?: Date }) => countSubscriptions(connections, request),
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

    searchPeople: (request: SearchPeopleRequest) => searchPeople(connections, request),
    listPeople: (request: ListPeopleRequest) => listPeople(connections, request),
    findPerson: (request: FindPersonRequest) => findPerson(connections, request),

    listEndpoints: (request?: ListEndpointsRequest) => listEndpoints(connections, request),
    removeExpiredEndpoints: (request?: { limit?: number; now?: Date }) => removeExpiredEndpoints(connections, request),

    createDomain: (name: string) => createDomain(connections, name),
    listDomains: () => listDomains(connections),
    addAccount: (request: AddAccountRequest) => addAccount(connections, request),
    importAccounts: (accounts: readonly AddAccountRequest[]) => importAccounts(connections, accounts),
    setPassword: (request: SetPasswordRequest) => setPassword(connections, request),
    addAppPassword: (request: AddAppPasswordRequest) => addAppPassword(connections, request),
    listAppPasswords: (accountId: number) => listAppPasswords(connections, accountId),
    removeAppPassword: (request: AppPasswordOwner & { id: number; now?: Date }) =>
      removeAppPassword(connections, request),
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
      await Promise.all(Object.values(batches).map((batch) => batch.close()));
      await connections.close();
    },
  };
}
