export {
  type AccessLevelRow,
  LEVEL_FIELDS,
  type LevelField,
  type SetAccessLevelRequest,
} from './access-level/access-levels.ts';
export type * from './access-rule/access-rule.ts';
export type {
  RemoveAccessRuleOutcome,
  SetAccessRuleOutcome,
  SetAccessRuleRequest,
} from './access-rule/access-rules.ts';
export type { AddAccountOutcome, AddAccountRequest, Role } from './account/add-account.ts';
export type { AddressOfRecord } from './account/address-of-record.ts';
export type { CreateDomainOutcome } from './account/create-domain.ts';
export type { VerifiedAccount } from './account/find-changed-accounts.ts';
export type { ImportAccountOutcome } from './account/import-accounts.ts';
export type { ListAccountsRequest, ListedAccount } from './account/list-accounts.ts';
export type { Domain } from './account/list-domains.ts';
export { accountKey, publishAccountChange } from './account/publish-account-change.ts';
export type { RemoveAccountOutcome } from './account/remove-account.ts';
export type { SetAccountEnabledOutcome, SetAccountEnabledRequest } from './account/set-account-enabled.ts';
export type { SetPasswordRequest } from './account/set-password.ts';
export type * from './address-book/person.ts';
export type { ChangeAccountOutcome, ChangeAccountRequest, NotPermitted } from './administration/as-admin.ts';
export type { AddAliasOutcome, AliasRequest } from './alias/aliases.ts';
export { type BackEnd, type BackEndOptions, openBackEnd } from './back-end.ts';
export type { Bus, Keys, Topic } from './bus/bus.ts';
export { type BusOptions, makeBus } from './bus/make-bus.ts';
export type * from './contact/contact.ts';
export { publishContactChange } from './contact/notices.ts';
export type { AddAppPasswordOutcome, AddAppPasswordRequest, AppPassword } from './credential/app-passwords.ts';
export type { DigestProof } from './credential/digest-proof.ts';
export type { Credentials, FindCredentialsRequest } from './credential/find-credentials.ts';
export type { Ha1s } from './credential/ha1.ts';
export type { Nonce } from './credential/nonce.ts';
export type { UseNonceOutcome, UseNonceRequest } from './credential/use-nonce.ts';
export { type DeployOptions, type DeployOutcome, deploy } from './deploy/deploy.ts';
export { DeployError } from './deploy/deploy-error.ts';
export { describeSchema } from './deploy/describe-schema.ts';
export type * from './directory/directory-change.ts';
export type * from './directory/directory-lock.ts';
export type * from './directory/directory-status.ts';
export { publishDirectoryChanges } from './directory/publish-directory-changes.ts';
export * from './errors.ts';
export type {
  EndpointEvent,
  EndpointEvents,
  FindEndpointEventsRequest,
} from './event/find-endpoint-events.ts';
export type { FoundFrontEnd } from './front-end/find-front-ends.ts';
export type { FrontEndAddresses, JoinFrontEndRequest } from './front-end/join-front-end.ts';
export type { ListedFrontEnd } from './front-end/list-front-ends.ts';
export type { DeadFrontEnd } from './front-end/remove-dead-front-ends.ts';
export type { RenewFrontEndLeaseRequest } from './front-end/renew-front-end-lease.ts';
export type { FindKeysRequest, Key } from './key/find-keys.ts';
export type { FindMessagesRequest, FoundMessage } from './message/find-messages.ts';
export type { KeepMessageOutcome, KeepMessageRequest } from './message/keep-message.ts';
export type { ReachableEndpoint, WaitingMessage } from './message/message.ts';
export type { MessageDeliveredOutcome, MessageDeliveredRequest } from './message/message-delivered.ts';
export type { ReleaseMessagesOutcome, ReleaseMessagesRequest } from './message/release-messages.ts';
export type { RemoveExpiredMessagesOutcome } from './message/remove-expired-messages.ts';
export type { StoreMessageOutcome, StoreMessageRequest } from './message/store-message.ts';
export type { TakeMessagesOutcome, TakeMessagesRequest } from './message/take-messages.ts';
export type { CheckPresenceOutcome } from './presence/check-presence.ts';
export type { FindPresenceRequest, FoundPresence } from './presence/find-presence.ts';
export type { Actor, PublishOutcome, PublishRequest } from './presence/publish.ts';
export type { SetPresenceOutcome, SetPresenceRequest } from './presence/set-presence.ts';
export * from './presence/state.ts';
export type { ListEndpointsRequest, ListedEndpoint } from './registration/list-endpoints.ts';
export type {
  ProvenCredentials,
  RegisteredEndpoint,
  RegisterOutcome,
  RemovedEndpoint,
} from './registration/register-outcome.ts';
export type { BindingChange, RegisterRequest, VerifiedCredentials } from './registration/register-request.ts';
export {
  decodeRemoval,
  type EndpointRemoval,
  endpointKey,
  endpointRemoval,
  publishRemovals,
  type RemovalReason,
} from './registration/removal.ts';
export type { ExpiredEndpoint, RemoveExpiredEndpointsOutcome } from './registration/remove-expired-endpoints.ts';
export type { MarkEndpointStaleRequest } from './route/mark-endpoint-stale.ts';
export {
  type AddressTarget,
  type DialogTarget,
  instanceHash,
  type RoutedEndpoint,
  type RouteOutcome,
  type RouteRequest,
  type TemporaryGruuTarget,
} from './route/route.ts';
export type { OpenSessionOutcome, OpenSessionRequest } from './session/open-session.ts';
export type { RefreshSessionOutcome, RefreshSessionRequest } from './session/refresh-session.ts';
export type {
  HttpRegisteredEndpoint,
  RegisterInSessionOutcome,
  RegisterInSessionRequest,
} from './session/register-in-session.ts';
export type { SessionReference } from './session/session.ts';
export {
  type Notification,
  type Place,
  type Resource,
  readSubscriptionTag,
  type SubscriptionDialog,
  type SubscriptionReference,
  stateOf,
} from './subscription/notification.ts';
export type {
  ExpiredSubscription,
  RemoveExpiredSubscriptionsOutcome,
} from './subscription/remove-expired-subscriptions.ts';
export type { SubscribeOutcome, SubscribeRequest } from './subscription/subscribe.ts';
export type { TakeNotificationsOutcome, TakeNotificationsRequest } from './subscription/take-notifications.ts';
