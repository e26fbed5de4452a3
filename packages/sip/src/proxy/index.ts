export type { ForkOutcome, ForkTarget } from './branch.ts';
export {
  type CpimHeader,
  type CpimMessage,
  cpimAddresses,
  cpimAddressHeader,
  cpimContentHeader,
  cpimHeader,
  cpimText,
  formatCpim,
  isCpim,
  parseCpim,
} from './cpim.ts';
export { withDateTime } from './cpim-date.ts';
export { DIALOG_TOKEN_PREFIX, type DialogTokenTarget, makeDialogToken, readDialogToken } from './dialog-token.ts';
export { FLOW_TOKEN_PREFIX, type FlowTokenTarget, makeFlowToken, readFlowToken } from './flow-token.ts';
export { Fork, type ForkOptions } from './fork.ts';
export { type ForwardOptions, forwardedRequest, relayedResponse } from './forwarded-request.ts';
export {
  assertedIdentity,
  CLIENT_IDENTITY_HEADERS,
  preferredIdentities,
  privacy,
  refusePrivacy,
} from './identity.ts';
export { imdnHeaders, imdnMessageId, requestedNotifications } from './imdn.ts';
export { type DnsResolver, type Hop, locate } from './locate.ts';
export { isLoop, loopHash } from './loop.ts';
export { nextHop, takeOwnRoutes } from './route-set.ts';
