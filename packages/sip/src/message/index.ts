export { contactExpires, contactPriority } from './binding-parameters.ts';
export { isToken, quote, quotedStringEnd, skipSpace, unquote } from './characters.ts';
export { checkRequest, type Refusal, type RequestPolicy } from './check-request.ts';
export { checkResponse } from './check-response.ts';
export { createRequest, createResponse, type NewRequest, type ResponseOptions } from './create.ts';
export { formatMessage } from './format.ts';
export { type Frame, type FramerLimits, MessageFramer } from './framer.ts';
export { Headers } from './headers.ts';
export { NO_BODY, type SipMessage, type SipRequest, type SipResponse } from './message.ts';
export { formatNameAddr, type NameAddr, parseNameAddr, parseNameAddrs } from './name-addr.ts';
export { Parameters } from './parameters.ts';
export { type ParseOptions, parseMessage } from './parse.ts';
export { SipParseError } from './parse-error.ts';
export {
  type CSeq,
  callId,
  contacts,
  cseq,
  expires,
  from,
  maxForwards,
  path,
  recordRoutes,
  requestUri,
  routes,
  seconds,
  to,
  tokens,
  topVia,
  vias,
} from './readers.ts';
export { reasonPhrase } from './reason-phrases.ts';
export { splitList } from './split-list.ts';
export { stampReceived } from './stamp-received.ts';
export { escapeUser, formatUri, type OpaqueUri, parseUri, type SipUri, unescapeUri } from './uri.ts';
export { bindingKey, uriEquals } from './uri-compare.ts';
export {
  nameAddrs,
  type ParameterizedValue,
  parameterized,
  parameterizedList,
  parseParameterized,
  type RAck,
  rack,
} from './values.ts';
export { formatVia, parseVias, type Via } from './via.ts';
